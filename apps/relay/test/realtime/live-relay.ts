import { createHash } from 'node:crypto';
import {
  type AckOf,
  decodeInboxRun,
  decodeRun,
  type LogId,
  PROTOCOL_VERSION,
  type RequestName,
  type RequestOf,
} from '@sotto/protocol';
import type { LiveSession } from '../../src/realtime/session.ts';
import { createLiveRelay, type LiveRelayOptions, testToken } from '../../src/testing.ts';

export const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
export const FAMILY = filled(32, 1);
export const tokenOf = (epoch: number) => filled(32, 100 + epoch);
export const entryId = (n: number) => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, n);
  return bytes;
};
export const session = (byte: number, number = 1) =>
  ({
    account: filled(16, byte),
    device: filled(16, byte + 1),
    id: filled(16, byte + number),
  }) as unknown as LiveSession;
export const ALICE = session(10);
export const BOB = session(20);
export const CAROL = session(30);
export const NOON = 20_000 * 24 * 3600 * 1000;

export const append = (n: number, epoch = 0, log = FAMILY) => ({
  log,
  token: tokenOf(epoch),
  id: entryId(n),
  epoch,
  body: filled(20, n),
});
export const commit = (n: number, epoch: number, welcomes: unknown[] = []) => ({
  ...append(n, epoch),
  nextTokenHash: sha256(tokenOf(epoch + 1)),
  welcomes,
});
export const welcomeFor = ({ account, device }: LiveSession, expiryDay = 20_010) => ({
  account,
  device,
  expiryDay,
  body: filled(30, 7),
});
export const subscribe = (epoch = 0, after = 0, log = FAMILY) => ({
  log,
  epoch,
  token: tokenOf(epoch),
  after,
});

export interface Person {
  /** Answers what came, whatever it is. */
  ask<N extends RequestName>(name: N, request: unknown): Promise<AckOf<N>>;
  /** Seqs of each frame of entries, in the order they came. */
  readonly frames: number[][];
  readonly inboxSeqs: number[];
  readonly notices: string[];
  readonly isDown: () => boolean;
  close(): void;
}

/** A live relay in this process, at noon of one day unless the test moves its clock. */
export function openHouse(options: LiveRelayOptions = {}) {
  let now = NOON;
  const failures: unknown[] = [];
  const relay = createLiveRelay({ clock: () => now, report: (error) => failures.push(error), ...options });
  return {
    ...relay,
    failures,
    passTime(ms: number) {
      now += ms;
    },
    async connect(who: LiveSession): Promise<Person> {
      const frames: number[][] = [];
      const inboxSeqs: number[] = [];
      const notices: string[] = [];
      let down = false;
      const answer = await relay.connect(
        { token: testToken(who), protocol: PROTOCOL_VERSION },
        {
          notice(name, notice) {
            notices.push(name);
            const { run } = notice as { run: Uint8Array };
            if (name === 'log:entries') frames.push((decodeRun(run) ?? []).map((entry) => entry.seq));
            if (name === 'inbox:items')
              inboxSeqs.push(...(decodeInboxRun(run) ?? []).map((item) => item.seq));
          },
          down() {
            down = true;
          },
        },
      );
      if (!answer.ok) throw new Error(answer.code);
      return {
        frames,
        inboxSeqs,
        notices,
        isDown: () => down,
        ask: (name, request) => answer.peer.request(name, request) as never,
        close: () => answer.peer.close(),
      };
    },
  };
}

/** Lets everything that is under way arrive. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const createFamily = (person: Person, log = FAMILY) =>
  person.ask('log:create', { log: log as LogId, tokenHash: sha256(tokenOf(0)) } as RequestOf<'log:create'>);

export function seqsOf(answer: AckOf<'log:read'>): number[] {
  if (!answer.ok) throw new Error(answer.code);
  return (decodeRun(answer.run) ?? []).map((entry) => entry.seq);
}
