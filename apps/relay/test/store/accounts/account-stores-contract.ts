import { describe } from 'vitest';
import { testAccounts } from './accounts-contract.ts';
import { testChains } from './chains-contract.ts';
import { testCodes } from './codes-contract.ts';
import { testCounters } from './counters-contract.ts';
import { testCredentials } from './credentials-contract.ts';
import { testEndings } from './endings-contract.ts';
import type { OpenAccountStores } from './fresh-stores.ts';
import { testInvites } from './invites-contract.ts';
import { testKeyPackages } from './key-packages-contract.ts';
import { testMail } from './mail-contract.ts';
import { testRecords } from './records-contract.ts';
import { testSessions } from './sessions-contract.ts';
import { testSignIns } from './sign-ins-contract.ts';

export interface Driver {
  readonly name: string;
  readonly open: OpenAccountStores;
  /** See `testCounters`. */
  readonly countsExactly: boolean;
}

/** What every driver of the account stores keeps. */
export function describeAccountStores({ name, open, countsExactly }: Driver): void {
  describe(`account stores in ${name}`, () => {
    describe('accounts', () => testAccounts(open));
    describe('chains', () => testChains(open));
    describe('credentials', () => testCredentials(open));
    describe('endings', () => testEndings(open));
    describe('records', () => testRecords(open));
    describe('sessions', () => testSessions(open));
    describe('sign-ins', () => testSignIns(open));
    describe('KeyPackages', () => testKeyPackages(open));
    describe('codes', () => testCodes(open));
    describe('mail', () => testMail(open));
    describe('invitations', () => testInvites(open));
    describe('counters', () => {
      const openCounters = async () => {
        const { stores, close } = await open();
        return { counters: stores.counters, close };
      };
      testCounters(openCounters, { exact: countsExactly, sweeps: true });
    });
  });
}
