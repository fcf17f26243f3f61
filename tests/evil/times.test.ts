import { describe, expect, it } from 'vitest';
import { alarmsOf, hears, say } from '../simulation/harness.ts';
import { settle, startTalk, talkOn } from './people.ts';

const DAY = 24 * 3600 * 1000;

describe('a relay that lies about time', () => {
  for (const [name, time] of [
    ['far ahead', 8e15],
    ['long ago', 0],
  ] as const)
    it(`[EVIL25] [P2] commits dated ${name}: keys are renewed after seven days all the same, and not before`, async () => {
      const talk = await startTalk();
      const { world, evil, alice, bob, withBob, withAlice } = talk;
      evil.ack('log:commit', (honest) => (honest.ok ? { ...honest, time } : honest));
      evil.entries((entries) => entries.map((entry) => ({ ...entry, time })));
      const commits = () => evil.requests('log:commit').length;
      for (let week = 0; week < 2; week++) {
        const before = commits();
        for (const device of [alice, bob]) device.kill();
        await world.clock.advance(7 * DAY + 1);
        for (const device of [alice, bob]) await device.start();
        await world.until('keys are renewed', () => commits() > before);
        await settle(talk);
        // One each at most; the other side's may have made way for it and come again.
        expect(commits() - before).toBeLessThanOrEqual(3);
      }
      await say(alice, withBob, 'any time');
      await hears(world, bob, withAlice, 'any time');
      evil.repent();
      await talkOn(talk, 'still');
      expect(alarmsOf(alice, bob)).toEqual([]);
    });
});
