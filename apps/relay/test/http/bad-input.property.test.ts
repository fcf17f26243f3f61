import { decodeCbor, encodeCbor, isErrorCode, ROUTES, type RouteName } from '@sotto/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { createPerson, type Person } from './person.ts';
import { createTestRelay, type TestRelay } from './test-relay.ts';

let relay: TestRelay;
let alice: Person;
beforeAll(async () => {
  relay = await createTestRelay({
    quotas: { lookupsPerMinute: 1e6, writesPerHour: 1e6, freeAttempts: 1e6, registrationsPerHour: 1e6 },
  });
  alice = createPerson(relay, 'alice');
  await alice.register('a password');
});
afterAll(() => relay.close());

/** Names that routes know, so that random bodies come close to real ones. */
const FIELDS = [
  ...['username', 'request', 'ticket', 'record', 'account', 'device', 'statement', 'vault', 'finish'],
  ...['oneTime', 'lastResort', '__proto__', 'constructor'],
  ...['work', 'email', 'invite', 'code', 'proof', 'confirmation', 'response', 'label', 'session', 'on', 'id'],
];
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.constantFrom(16, 32, 64, 192).map((length) => new Uint8Array(length).fill(3)),
);
const value = fc.oneof(
  { weight: 4, arbitrary: bytes },
  fc.constantFrom('alice', 'bob', '', '{}', '12345678', 'alice@example.org'),
  fc.constantFrom<object>(
    { method: 'totp', code: '123456' },
    { method: 'passkey', response: '{}' },
    { bytes: new Uint8Array(3), after: 0 },
  ),
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(bytes, { maxLength: 3 }),
);
const cborBody = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 8, selector: ([name]) => name })
  .map((entries) => encodeCbor(Object.fromEntries(entries)));
const body = fc.oneof({ weight: 3, arbitrary: cborBody }, fc.uint8Array({ maxLength: 100 }));
const posts = (Object.keys(ROUTES) as RouteName[]).filter(
  (name) => ROUTES[name].method === 'POST' && !['logout', 'refresh', 'endSessions'].includes(name),
);

it('[HTTP1] whatever bytes a route is given, it answers or refuses by the catalogue, and never fails inside', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...posts), body, async (name, sent) => {
      const path = ROUTES[name].path.replace(':account', Buffer.from(alice.account).toString('hex'));
      const answer = await relay.call('POST', path, {
        headers: { 'content-type': 'application/cbor', authorization: `Bearer ${alice.accessToken}` },
        body: sent,
      });
      const decoded = decodeCbor(answer.body, 1 << 20);
      if (answer.status === 200) ROUTES[name].response.parse(decoded);
      const { code } = decoded as { code?: string };
      return answer.status === 200 || (answer.status < 500 && code !== undefined && isErrorCode(code));
    }),
    { numRuns: 1200 },
  );
});
