import { type ChildProcess, fork } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { openSqliteStores } from '@sotto/relay/testing';
import { CONNECTIONS_EACH } from './people.ts';
import { hex } from './thread.ts';

/** Connections that come: each token once. */
export interface Arriving {
  readonly port: number;
  readonly tokens: readonly string[];
  /** As fast as they can when not given, else so many begin in a second, whether those before are through or not. */
  readonly perSecond?: number;
  /** Whether they stay, or go as soon as they are connected. */
  readonly stay: boolean;
}

export interface Arrived {
  readonly connected: number;
  /** By code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Tries that came to nothing, with another one after. */
  readonly again: number;
  readonly gaveUp: number;
  readonly seconds: number;
}

/** Many people in one process. */
export interface Crowd {
  arrive(arriving: Arriving): Promise<Arrived>;
  /** Connections that are there. */
  count(): Promise<number>;
  /** All at once, as when the network of a house goes. */
  vanish(): Promise<void>;
}

const PROCESS = new URL('./crowd-process.ts', import.meta.url);

export function createCrowd(): Crowd {
  const child: ChildProcess = fork(PROCESS, [], { execArgv: [] });
  const ask = async (question: Arriving | 'count') => {
    child.send(question);
    const [answer] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the crowd is gone'))),
    ]);
    return answer;
  };
  return {
    arrive: ask,
    count: () => ask('count'),
    async vanish() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Descriptors that a process of ours may open. Linux only. */
export function mostDescriptors(): number {
  const [, hard] =
    /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** What an access token names. */
interface Ticket {
  readonly account: Buffer;
  readonly device: Buffer;
  readonly id: Buffer;
  readonly refreshHash: Buffer;
}

/**
 * Opens sessions for so many connections in the data folder of a relay that does not run yet: signing in by the thousand would
 * be a test of passwords.
 */
export async function openSessions(folder: string, connections: number): Promise<Ticket[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stores = openSqliteStores(folder);
  const tickets: Ticket[] = [];
  while (tickets.length * CONNECTIONS_EACH < connections) {
    const refreshHash = createHash('sha256').update(randomBytes(32)).digest();
    const ticket = { account: randomBytes(16), device: randomBytes(16), id: randomBytes(16), refreshHash };
    const session = { ...ticket, openedAt: Date.now(), lifetime: 3_600_000, shared: false };
    await stores.accountStores.sessions.open(session as never);
    tickets.push(ticket);
  }
  await stores.close();
  return tickets;
}

/** Access tokens as the relay of this secret and origin makes them, for each connection that the sessions may have. */
export function writeTokens(tickets: readonly Ticket[], secret: string, origin: string): string[] {
  const iat = Math.floor(Date.now() / 1000);
  const header = encode({ alg: 'HS256', typ: 'JWT' });
  const tokens = tickets.map(({ account, device, id, refreshHash }) => {
    const claims = {
      sid: hex(id),
      did: hex(device),
      sub: hex(account),
      iss: origin,
      aud: 'sotto-relay',
      iat,
      exp: iat + 600,
      jti: refreshHash.toString('base64url'),
    };
    const signed = `${header}.${encode(claims)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  });
  return tokens.flatMap((token) => Array.from({ length: CONNECTIONS_EACH }, () => token));
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
