import type { DeviceIdentity, Mls } from '../mls/door.ts';
import type { KeyPackageShelf } from './key-package-shelf.ts';
import type { Session } from './session.ts';

/** `full`: the relay says that it holds as many as it may. `failed`: it could not be reached, or would not. */
type Sent = 'sent' | 'full' | 'failed';

/** Makes KeyPackages and brings them to the relay. One caller at a time. */
export interface KeyPackageUploads {
  /** Begins a new set: a new last resort, and as many one-time ones of `wanted` as there is room for. */
  begin(wanted: number): Promise<void>;
  /** More of the same set. False when there is no room for any, and nothing was made. */
  add(wanted: number): Promise<boolean>;
  /** Sends what is pending, if anything is. */
  send(): Promise<Sent>;
  /** Sends the last resort of this set once more. */
  repeatLastResort(): Promise<Sent>;
}

export function createKeyPackageUploads(deps: {
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
  readonly session: Session;
  readonly shelf: KeyPackageShelf;
}): KeyPackageUploads {
  const { mls, identity, session, shelf } = deps;

  async function makeOneTime(wanted: number) {
    return await mls.generateKeyPackages(identity, Math.min(wanted, await shelf.room()), {
      lastResort: false,
    });
  }

  async function upload(oneTime: readonly string[], lastResort: string | undefined, replace: boolean) {
    const [last] = lastResort === undefined ? [] : await shelf.findAll([lastResort]);
    const answer = await session.call('publishKeyPackages', {
      body: {
        oneTime: (await shelf.findAll(oneTime)).map((kept) => kept.publicBytes),
        lastResort: last?.publicBytes,
        replace: replace || undefined,
      },
    });
    if (answer.ok) return 'sent';
    return answer.code === 'quota_exceeded' ? 'full' : 'failed';
  }

  return {
    async begin(wanted) {
      const last = await mls.generateKeyPackages(identity, 1, { lastResort: true });
      await shelf.keep([...(await makeOneTime(wanted)), ...last], true);
    },
    async add(wanted) {
      const made = await makeOneTime(wanted);
      if (made.length > 0) await shelf.keep(made, false);
      return made.length > 0;
    },
    async send() {
      const set = await shelf.published();
      const { pending } = set;
      if (pending === undefined) return 'sent';
      const outcome = await upload(pending.oneTime, pending.lastResort, pending.replace);
      if (outcome !== 'sent') return outcome;
      const begun = pending.replace ? { ...pending, filledAt: 0 } : set;
      const { madeAt, filledAt, lastResort } = begun;
      await shelf.settle({ madeAt, filledAt, lastResort, pending: undefined });
      return 'sent';
    },
    async repeatLastResort() {
      return await upload([], (await shelf.published()).lastResort, false);
    },
  };
}
