import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type AckOf, decodeRun, type Entry, PROTOCOL_VERSION, type RequestName } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import type { LiveSession } from '../../src/realtime/session.ts';
import { testToken } from '../../src/testing.ts';
import { commit, subscribe } from './live-relay.ts';

/** Where relays are now; people go from one to another as these come and go. */
export interface World {
  readonly origins: string[];
  /** True when nothing more is to be written. */
  over: boolean;
}

/** A person with a device that connects wherever there is a relay, and tries again elsewhere when it is cut off. */
class Wanderer {
  protected socket: Socket | undefined;
  protected readonly world: World;
  private readonly who: LiveSession;

  constructor(world: World, who: LiveSession) {
    this.world = world;
    this.who = who;
  }

  /** A connection, sooner or later. */
  protected async connect(): Promise<Socket> {
    for (;;) {
      this.socket?.disconnect();
      const { origins } = this.world;
      const socket = io(origins[Math.floor(Math.random() * origins.length)] ?? '', {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        parser: messagePack,
        auth: { token: testToken(this.who), protocol: PROTOCOL_VERSION },
      });
      this.socket = socket;
      const came = Promise.withResolvers<boolean>();
      socket.on('connect', () => came.resolve(true));
      socket.on('connect_error', () => came.resolve(false));
      if (await came.promise) return socket;
      await wait(20);
    }
  }

  /**
   * Undefined when the connection is gone, and nobody knows what became of the request. `onAnswer` sees the answer at once:
   * a frame that came in the same piece of the stream is handled before any promise is.
   */
  protected ask<N extends RequestName>(
    socket: Socket,
    name: N,
    request: object,
    onAnswer: (answer: AckOf<N>) => void = () => {},
  ): Promise<AckOf<N> | undefined> {
    const buffers = Object.entries(request).map(([key, field]) => [
      key,
      field instanceof Uint8Array ? Buffer.from(field) : field,
    ]);
    const { promise, resolve } = Promise.withResolvers<AckOf<N> | undefined>();
    const giveUp = () => resolve(undefined);
    if (!socket.connected) return Promise.resolve(undefined);
    socket.once('disconnect', giveUp);
    socket.emit(name, Object.fromEntries(buffers), (answer: AckOf<N>) => {
      onAnswer(answer);
      resolve(answer);
    });
    return promise.finally(() => socket.off('disconnect', giveUp));
  }

  protected isHome = false;

  goHome(): void {
    this.isHome = true;
    this.socket?.disconnect();
  }
}

export interface Acknowledged {
  readonly n: number;
  readonly seq: number;
  readonly isCommit: boolean;
}

/** Writes one entry after the other, every tenth a commit, each until it is acknowledged. */
export class Writer extends Wanderer {
  readonly acknowledged: Acknowledged[] = [];

  private epoch = 0;

  async write(first: number): Promise<void> {
    let socket = await this.connect();
    for (let n = first; !this.world.over; n++) {
      let outcome = await this.place(socket, n);
      while (outcome !== 'done') {
        if (outcome === 'gone') socket = await this.connect();
        outcome = await this.place(socket, n);
      }
    }
  }

  private async place(socket: Socket, n: number): Promise<'done' | 'gone' | 'again'> {
    const isCommit = n % 10 === 0;
    const { nextTokenHash, welcomes, ...message } = commit(n, this.epoch);
    const answer = isCommit
      ? await this.ask(socket, 'log:commit', { ...message, nextTokenHash, welcomes })
      : await this.ask(socket, 'log:append', message);
    if (answer === undefined) return 'gone';
    if (answer.ok) this.acknowledged.push({ n, seq: answer.seq, isCommit });
    else if (answer.code === 'epoch_moved') this.epoch = answer.head?.epoch ?? this.epoch;
    else if (answer.code !== 'unavailable') throw new Error(answer.code);
    return answer.ok ? 'done' : 'again';
  }
}

/** Follows the log from its cursor, wherever it is connected. */
export class Reader extends Wanderer {
  readonly entries: Entry[] = [];
  /** Frames that did not begin where the one before ended, on one connection. */
  gaps = 0;
  readonly failures: string[] = [];
  private epoch = 0;

  /** Resolves once it went home. */
  async follow(): Promise<void> {
    while (!this.isHome) {
      const socket = await this.connect();
      const gone = once(socket as never, 'disconnect');
      socket.on('log:entries', ({ run }: { run: Uint8Array }) => this.take(socket, decodeRun(run) ?? []));
      await this.subscribe(socket);
      await gone;
    }
  }

  private async subscribe(socket: Socket): Promise<void> {
    for (;;) {
      const { epoch, entries } = this;
      const asked = subscribe(epoch, entries.length);
      const answer = await this.ask(socket, 'log:subscribe', asked, (given) => {
        if (given.ok) this.take(undefined, decodeRun(given.run) ?? []);
      });
      if (answer === undefined) return;
      if (!answer.ok && answer.code !== 'unavailable') this.failures.push(answer.code);
      if (answer.ok && answer.head.epoch === epoch) return;
    }
  }

  private take(socket: Socket | undefined, run: readonly Entry[]): void {
    for (const entry of run) {
      if (entry.seq <= this.entries.length) continue;
      if (entry.seq > this.entries.length + 1) {
        this.gaps += 1;
        return;
      }
      this.entries.push(entry);
      if (entry.kind !== 'commit') continue;
      this.epoch += 1;
      // The next epoch's token is shown to go on.
      if (socket !== undefined) void this.subscribe(socket);
    }
  }
}
