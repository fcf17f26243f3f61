import { equalBytes, type Vault as VaultAnswer } from '@sotto/protocol';
import type { ProofInput, ResetStep, RestoreWay } from '../chat/account-verbs.ts';
import { loadAccount } from './account-record.ts';
import { readUsername } from './credentials.ts';
import { openerOf, proofOf } from './factor-proof.ts';
import { loadKeptVault } from './kept-vault.ts';
import { requestOptions, unlockOptions } from './passkey-options.ts';
import { errorOfProof } from './sign-in.ts';
import type { EnrollDeps } from './take-up.ts';
import { openVault, type VaultOpener } from './vault.ts';
import { decodeVaultRecord } from './vault-record.ts';
import type { Wrap, WrapKind } from './vault-wraps.ts';
import { askWithWork } from './work.ts';

/** The account of a reset, proved. */
export interface ProvedReset {
  readonly username: string;
  readonly ticket: Uint8Array;
  readonly account: Uint8Array;
  readonly vault: VaultAnswer;
  /** Opens the vault already. */
  readonly known: VaultOpener | undefined;
}

/** A reset between two of its steps. In memory alone: what was shown as a proof may open the vault. */
export interface WaitingReset {
  readonly username: string;
  readonly ticket: Uint8Array;
  readonly openers: readonly VaultOpener[];
  readonly proved: ProvedReset | undefined;
}

/** Begins a reset. The relay's answer says nothing of whether there is such an account. */
export async function startReset({ http }: Pick<EnrollDeps, 'http'>, typed: string): Promise<WaitingReset> {
  const username = readUsername(typed);
  const { ticket } = await askWithWork(http, (work) =>
    http.call('forgotPassword', { body: { username, work } }),
  );
  return { username, ticket, openers: [], proved: undefined };
}

/** One proof: then the account is proved, or another one is wanted. Throws `code_wrong`, `attempt_over`. */
export async function proveReset(
  deps: EnrollDeps,
  waiting: WaitingReset,
  input: ProofInput,
): Promise<{ readonly waiting: WaitingReset; readonly step: ResetStep }> {
  const { username } = waiting;
  const body = { ticket: waiting.ticket, proof: proofOf(input) };
  const answer = await deps.http.call('resetPassword', { body });
  if (!answer.ok) throw errorOfProof(answer, input);
  const { ticket } = answer.value;
  const shown = openerOf(input);
  const openers = shown === undefined ? waiting.openers : [...waiting.openers, shown];
  if (answer.value.state === 'second_factor') {
    const { methods, passkey } = answer.value;
    const options = passkey === undefined ? undefined : requestOptions(passkey, deps.http.origin);
    return {
      waiting: { username, ticket, openers, proved: undefined },
      step: { state: 'second_factor', methods, passkey: options },
    };
  }
  const { account, vault } = answer.value;
  const kept = await keptOpener(deps, account, vault.bytes);
  const known = kept ?? (await findOpener(openers, account, vault.bytes));
  const wraps = wrapsIn(vault.bytes);
  return {
    waiting: { username, ticket, openers, proved: { username, ticket, account, vault, known } },
    step: {
      state: 'choose',
      ways: waysOf(kept !== undefined, wraps),
      known: known !== undefined,
      passkey: unlockOptions(wraps, deps.random),
    },
  };
}

/** This device's own key, where it is of this account and still opens its vault. */
async function keptOpener(
  { store }: EnrollDeps,
  account: Uint8Array,
  vault: Uint8Array,
): Promise<VaultOpener | undefined> {
  const [stored, kept] = [await loadAccount(store), await loadKeptVault(store)];
  if (stored === undefined || kept === undefined || !equalBytes(stored.account, account)) return undefined;
  return await findOpener([{ kind: 'vault_key', vaultKey: kept.vaultKey }], account, vault);
}

async function findOpener(
  openers: readonly VaultOpener[],
  account: Uint8Array,
  vault: Uint8Array,
): Promise<VaultOpener | undefined> {
  for (const opener of openers) if ((await openVault(vault, account, opener)).ok) return opener;
  return undefined;
}

/** What ways there are by the vault's own word, which nobody vouches for before it was opened. */
function wrapsIn(vault: Uint8Array): readonly Wrap[] {
  const record = decodeVaultRecord(vault);
  return record?.v === 2 ? record.wraps : [];
}

function waysOf(here: boolean, wraps: readonly Wrap[]): readonly RestoreWay[] {
  const has = (kind: WrapKind) => wraps.some((wrap) => wrap.kind === kind);
  return [
    ...(here ? (['this_device'] as const) : []),
    ...(has('recovery_key') ? (['recovery_key'] as const) : []),
    ...(has('passkey') ? (['passkey'] as const) : []),
    'new_identity',
  ];
}
