import { describe, expect, it } from 'vitest';
import { createPasswordJudge } from '../../src/account/password-strength.ts';

const judge = createPasswordJudge();
const reasonOf = async (password: string, username = 'alice') =>
  (await judge.judge(password, username)).reason;

describe('the strength of a password', () => {
  it('[ACC8] is enough from twelve characters, or from eight that are hard to guess', async () => {
    expect(await judge.judge('correct horse battery', 'alice')).toMatchObject({ enough: true });
    expect(await judge.judge('kV9$wq2!zP', 'alice')).toMatchObject({
      enough: true,
      reason: undefined,
    });
    expect(await reasonOf('kV9$wq2')).toBe('too_short');
    expect(await reasonOf('green apple pie')).toBeUndefined();
    expect(await reasonOf('abcdefgh')).not.toBeUndefined();
    expect(await reasonOf('monday99')).toBe('too_guessable');
    expect(await reasonOf('ünïcödé wörds')).toBeUndefined();
  });

  it('[ACC8] is not, for a common password, whatever its length or case, or the user name with next to nothing beside it', async () => {
    for (const common of ['password1', 'Password1', 'qwertyuiop', '1234567890', 'QWERTYUIOP123'])
      expect([common, (await judge.judge(common, 'alice')).enough]).toEqual([common, false]);
    expect(await reasonOf('1234567890')).toBe('too_common');
    expect(await reasonOf('bartholomew-1', 'Bartholomew')).toBe('like_the_name');
    expect(await reasonOf('bartholomewbartholomew', 'bartholomew')).toBe('like_the_name');
    expect(await reasonOf('bartholomew likes rain', 'bartholomew')).toBeUndefined();
  });

  it('[ACC8] throws password_too_weak where one is set', async () => {
    await judge.require('correct horse battery', 'alice');
    await expect(judge.require('monday99', 'alice')).rejects.toMatchObject({
      code: 'password_too_weak',
    });
  });

  it('[ACC8] of four thousand characters is judged at once', async () => {
    const start = performance.now();
    await judge.judge('correct horse '.repeat(300), 'alice');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
