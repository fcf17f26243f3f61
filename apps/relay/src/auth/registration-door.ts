import { createHash } from 'node:crypto';
import type { Refusal } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { Quotas } from '../quotas.ts';
import { refuse } from '../refuse.ts';
import type { InviteStore } from '../store/invite-store.ts';
import type { Work } from './work.ts';

export type RegistrationMode = 'open' | 'invite' | 'closed';

/** Who may try to make an account here. */
export interface RegistrationDoor {
  readonly mode: RegistrationMode;
  /** Why not, or undefined. Takes the proof of work; uses no invitation up. All of it is a stranger's. */
  knock(of: { readonly work: string; readonly invite: Uint8Array | undefined }): Promise<Refusal | undefined>;
}

export interface RegistrationDoorDeps {
  readonly registration: RegistrationMode;
  readonly invites: InviteStore;
  readonly work: Work;
  readonly quotas: Quotas;
  readonly clock: Clock;
}

export function createRegistrationDoor(deps: RegistrationDoorDeps): RegistrationDoor {
  const { registration, invites, work: works, quotas, clock } = deps;
  const mode = quotas.registrationsPerHour === 0 ? 'closed' : registration;
  return {
    mode,
    async knock({ work, invite }) {
      if (mode === 'closed') return refuse('registration_closed');
      if (!(await works.take(work))) return refuse('work_invalid');
      if (mode === 'open') return undefined;
      const invited = invite !== undefined && (await invites.isOpen(hashInvite(invite), clock()));
      return invited ? undefined : refuse('invite_invalid');
    },
  };
}

/** Invitations are 256 random bits: a plain hash keeps them. */
export function hashInvite(invite: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(invite).digest());
}
