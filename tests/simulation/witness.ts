import { createHash } from 'node:crypto';

/** Stands between every core and the relay and remembers what was sent. */
export interface Witness {
  see(name: string, request: unknown): void;
  /** Entries that were sent again with other bytes although log and epoch were the same. */
  changedRetries(): readonly string[];
}

export function createWitness(): Witness {
  const digestByEntry = new Map<string, string>();
  const changed: string[] = [];
  return {
    see(name, request) {
      if (name !== 'log:append' && name !== 'log:commit') return;
      const { log, id, epoch, body } = request as Record<'log' | 'id' | 'body', Uint8Array> & {
        epoch: number;
      };
      const [where, what] = [log, id].map((bytes) => Buffer.from(bytes).toString('hex'));
      const entry = `${what} in epoch ${epoch} of ${where}`;
      const digest = createHash('sha256').update(body).digest('hex');
      const before = digestByEntry.get(entry);
      if (before !== undefined && before !== digest) changed.push(entry);
      digestByEntry.set(entry, digest);
    },
    changedRetries: () => changed,
  };
}
