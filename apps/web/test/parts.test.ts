import { describe, expect, it } from 'vitest';
import { createDrafts } from '../src/chat/drafts.ts';
import { lookAlikes } from '../src/chat/look-alikes.ts';
import { createReturning } from '../src/chat/returning.ts';
import { createThemeChoice } from '../src/chat/theme.ts';
import { newEntryId } from '../src/entry-id.ts';
import { dumpRows } from '../src/features/relay-view/hex-dump.ts';
import { createScriptUrlPolicy } from '../src/script-url.ts';

it('[WEB5] drafts belong to their conversation and are forgotten when empty', () => {
  const drafts = createDrafts();
  drafts.keep('bob', 'half a thought');
  drafts.keep('carol', 'another');
  drafts.keep('carol', '');
  expect([drafts.read('bob'), drafts.read('carol')]).toEqual(['half a thought', '']);
  drafts.clear();
  expect(drafts.read('bob')).toBe('');
});

describe('the theme', () => {
  const page = () => ({ dataset: {} as DOMStringMap }) as HTMLElement;

  it('[WEB6] follows the device until chosen, and is remembered', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: kept.set.bind(kept) };
    const root = page();
    const theme = createThemeChoice(root, storage);
    expect([theme.read(), root.dataset.theme]).toEqual(['system', undefined]);
    theme.choose('dark');
    expect(root.dataset.theme).toBe('dark');
    expect(createThemeChoice(page(), storage).read()).toBe('dark');
    theme.choose('system');
    expect(root.dataset.theme).toBeUndefined();
  });

  it('[WEB6] a storage that refuses, or holds nonsense, only forgets', () => {
    const refuse = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const theme = createThemeChoice(page(), { getItem: refuse, setItem: refuse });
    theme.choose('light');
    expect(theme.read()).toBe('light');
    expect(createThemeChoice(page(), { getItem: () => 'pink', setItem: refuse }).read()).toBe('system');
  });
});

it('[WEB22] expects an account where one was, and nothing where storage refuses', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: kept.set.bind(kept),
    removeItem: kept.delete.bind(kept),
  };
  expect(createReturning(storage).isExpected()).toBe(false);
  createReturning(storage).note(true);
  expect(createReturning(storage).isExpected()).toBe(true);
  createReturning(storage).note(false);
  expect(createReturning(storage).isExpected()).toBe(false);
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const refused = createReturning({ getItem: refuse, setItem: refuse, removeItem: refuse });
  refused.note(true);
  expect(refused.isExpected()).toBe(false);
});

describe('names that look alike', () => {
  const person = (username: string, account = username) => ({ account, username });

  it.each([
    ['carol', 'caro1'],
    ['bob', 'b0b'],
    ['arnie', 'amie'],
    ['ann.lee', 'annlee'],
    ['wanda', 'vvanda'],
    ['hannah', 'hanah'],
  ])('[WEB16] %s and %s are pointed out', (known, found) => {
    expect(lookAlikes([person(found)], [person(known)])).toEqual(new Set([found]));
    expect(lookAlikes([person(found), person(known)], [])).toEqual(new Set([found, known]));
  });

  it('[WEB16] a contact that is found again is not its own twin', () => {
    const known = [person('carol'), person('bob')];
    expect(lookAlikes([person('carol'), person('dave')], known)).toEqual(new Set());
  });

  it('[WEB16] another account under the very name of a contact is pointed out', () => {
    expect(lookAlikes([person('bob', 'mallory')], [person('bob')])).toEqual(new Set(['mallory']));
  });
});

describe('the dump of an entry', () => {
  it('[WEB17] shows every byte, in hex and as ASCII where it can be printed', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, place) => place % 256);
    const rows = dumpRows(bytes, 8, bytes.length);
    expect(
      rows
        .map((row) => row.hex)
        .join(' ')
        .split(' ')
        .map((hex) => Number.parseInt(hex, 16)),
    ).toEqual([...bytes]);
    expect(rows[8]).toEqual({ offset: '0040', hex: '40 41 42 43 44 45 46 47', ascii: '@ABCDEFG' });
    expect(rows[0]?.ascii).toBe('········');
    expect(rows.at(-1)?.hex).toBe('28 29 2a 2b');
  });

  it('[WEB17] stops where it is told and takes no bytes as no rows', () => {
    expect(dumpRows(new Uint8Array(100), 8, 10).map((row) => row.hex.length)).toEqual([23, 5]);
    expect(dumpRows(new Uint8Array(0), 8, 96)).toEqual([]);
  });
});

describe('the address of the worker', () => {
  const origin = 'https://chat.example';

  it.each([
    undefined,
    { createPolicy: (_name: string, rules: { createScriptURL(url: string): string }) => rules },
  ])('[WEB19] is one of this origin, with or without Trusted Types', (trustedTypes) => {
    const scriptUrl = createScriptUrlPolicy({
      origin,
      ...(trustedTypes === undefined ? {} : { trustedTypes }),
    });
    expect(scriptUrl('/assets/worker-abc.js')).toBe('https://chat.example/assets/worker-abc.js');
    for (const foreign of [
      'https://evil.example/assets/w.js',
      '//evil.example/assets/w.js',
      'data:text/javascript,1',
      'blob:https://chat.example/1',
      '/assets/../upload.js',
    ]) {
      expect(() => scriptUrl(foreign)).toThrow(TypeError);
    }
  });

  it('[WEB19] makes one policy, by the name that the CSP allows', () => {
    const names: string[] = [];
    const createPolicy = (name: string, rules: { createScriptURL(url: string): string }) => {
      names.push(name);
      return rules;
    };
    const scriptUrl = createScriptUrlPolicy({ origin, trustedTypes: { createPolicy } });
    scriptUrl('/assets/a.js');
    scriptUrl('/assets/b.js');
    expect(names).toEqual(['sotto-worker']);
  });
});

it('ids of messages are 16 bytes in hex', () => {
  expect(newEntryId(crypto)).toMatch(/^[0-9a-f]{32}$/);
});
