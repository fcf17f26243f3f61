import { decodeHex, encodeHex, equalBytes, type Username } from '@sotto/protocol';
import type { ChainState } from '@sotto/transparency';
import type { Session } from '../account/session.ts';
import { type AccountHex, ChatError, type PersonView, type SafetyNumberView } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { ChainPins } from './chain-pins.ts';
import { type ContactRecord, contacts } from './contact-record.ts';
import { fingerprintOf, safetyDigits, safetyQr } from './safety-number.ts';

/** The people this device knows: pinned names, safety numbers, who was verified. */
export interface Contacts {
  /** Looks names up at the relay. Never the own account. Throws ChatError. */
  find(name: string): Promise<PersonView[]>;
  /** The first page of an open directory; none where names are found only by those who know them. */
  list(): Promise<PersonView[]>;
  /** First contact: reads and pins the chain, pins the name. Throws `chain_refused`, `not_found`, `peer_unavailable`. */
  meet(account: Uint8Array, username: string): Promise<void>;
  /** First contact through a Welcome: the relay's name for the account, or its id when it gives none. */
  meetUnknown(account: Uint8Array): Promise<void>;
  /** Throws `peer_unavailable` when the account's chain is closed: nobody is there who could read. */
  requireOpen(account: Uint8Array): Promise<void>;
  person(account: Uint8Array): Promise<PersonView>;
  safetyNumber(account: AccountHex): Promise<SafetyNumberView>;
  setVerified(account: AccountHex, verified: boolean): Promise<void>;
}

/** Answers that say no more than that there is nobody to show. */
const NOBODY: ReadonlySet<string> = new Set(['not_found', 'bad_request', 'forbidden']);

export function createContacts(deps: {
  readonly own: Uint8Array;
  readonly session: Session;
  readonly store: SealedStore;
  readonly pins: ChainPins;
}): Contacts {
  const { own, session, store, pins } = deps;
  const fingerprintAt = createFingerprints();
  /** Snapshots ask for everybody again and again: what is on disk is read once. */
  const contactByAccount = new Map<string, ContactRecord>();

  async function load(hex: string): Promise<ContactRecord | undefined> {
    const known = contactByAccount.get(hex) ?? (await store.get(contacts.key(hex)));
    if (known !== undefined) contactByAccount.set(hex, known);
    return known;
  }

  async function save(hex: string, contact: ContactRecord): Promise<void> {
    await store.step([contacts.put([hex], contact)]);
    contactByAccount.set(hex, contact);
  }

  /** Undefined while the account's chain is unknown. */
  async function fingerprint(account: Uint8Array): Promise<Uint8Array | undefined> {
    return fingerprintAt(account, await pins.pinned(account));
  }

  async function isVerified(account: Uint8Array, contact: ContactRecord | undefined): Promise<boolean> {
    const state = await pins.pinned(account);
    if (state === undefined || contact?.verifiedKey === undefined) return false;
    // Contested: what was verified is not what the relay shows now.
    if ((await pins.offered(account)) !== undefined) return false;
    return equalBytes(contact.verifiedKey, state.identityKey);
  }

  async function viewOf(account: Uint8Array, claimed: string): Promise<PersonView> {
    const hex = encodeHex(account);
    const contact = await load(hex);
    const [mine, theirs] = [await fingerprint(own), await fingerprint(account)];
    return {
      account: hex,
      username: contact?.username ?? claimed,
      verified: await isVerified(account, contact),
      safetyDigits: mine === undefined || theirs === undefined ? undefined : safetyDigits(mine, theirs),
      closed: await isClosed(account),
    };
  }

  /** By the pinned chain: a reset that nobody accepted closes nothing. */
  async function isClosed(account: Uint8Array): Promise<boolean> {
    return (await pins.pinned(account))?.closedAt !== undefined;
  }

  async function requireOpen(account: Uint8Array): Promise<void> {
    if (await isClosed(account)) throw new ChatError('peer_unavailable');
  }

  async function pinName(account: Uint8Array, username: string): Promise<void> {
    const hex = encodeHex(account);
    if ((await load(hex)) !== undefined) return;
    await save(hex, { username });
  }

  async function lookUp(query: { readonly name?: Username }): Promise<PersonView[]> {
    const answer = await session.call('users', { query });
    if (answer.ok) {
      const others = answer.value.users.filter((user) => !equalBytes(user.account, own));
      return await Promise.all(others.map((user) => viewOf(user.account, user.username)));
    }
    if (NOBODY.has(answer.code)) return [];
    throw errorOfRefusal(answer);
  }

  return {
    find: (name) => lookUp({ name: name as Username }),
    list: () => lookUp({}),
    async meet(account, username) {
      const refreshed = await pins.refresh(account);
      if (refreshed === 'refused') throw new ChatError('chain_refused');
      if (refreshed === 'not_found') throw new ChatError('not_found');
      await pinName(account, username);
      await requireOpen(account);
    },
    requireOpen,
    async meetUnknown(account) {
      const hex = encodeHex(account);
      if ((await load(hex)) !== undefined) return;
      const answer = await session.call('user', { params: { account: hex } });
      const honest = answer.ok && equalBytes(answer.value.account, account);
      await pinName(account, honest ? answer.value.username : hex.slice(0, 8));
    },
    person: (account) => viewOf(account, encodeHex(account).slice(0, 8)),
    async safetyNumber(hex) {
      const account = decodeHex(hex);
      if (account === undefined) throw new ChatError('not_found');
      if ((await pins.pinned(account)) === undefined) await pins.refresh(account);
      // While a new identity waits for the person's decision, its number is the one to compare: the old one would match.
      const theirState = (await pins.offered(account)) ?? (await pins.pinned(account));
      const [mine, theirs] = [await fingerprint(own), fingerprintAt(account, theirState)];
      if (mine === undefined || theirs === undefined) throw new ChatError('not_found');
      const verified = await isVerified(account, await load(hex));
      return { account: hex, digits: safetyDigits(mine, theirs), qr: safetyQr(mine, theirs), verified };
    },
    async setVerified(hex, verified) {
      const account = decodeHex(hex);
      const contact = await load(hex);
      const state = account === undefined ? undefined : await pins.pinned(account);
      if (contact === undefined || state === undefined) throw new ChatError('not_found');
      if (verified && account !== undefined && (await pins.offered(account)) !== undefined)
        throw new ChatError('blocked');
      const verifiedKey = verified ? state.identityKey : undefined;
      await save(hex, { username: contact.username, verifiedKey });
    },
  };
}

/** One takes about 10 ms: each is made once. */
function createFingerprints() {
  const fingerprintByParty = new Map<string, Uint8Array>();
  return (account: Uint8Array, state: ChainState | undefined): Uint8Array | undefined => {
    if (state === undefined) return undefined;
    const party = encodeHex(account) + encodeHex(state.identityKey);
    const made = fingerprintByParty.get(party) ?? fingerprintOf({ account, identityKey: state.identityKey });
    fingerprintByParty.set(party, made);
    return made;
  };
}
