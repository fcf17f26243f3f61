import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboxStore } from '../../src/store/inbox-store.ts';
import type { LogStore } from '../../src/store/log-store.ts';
import type { NewsStore } from '../../src/store/news-store.ts';
import { BOB, commit, FAMILY, filled, hashOf, message, tokenOf, welcomeFor } from './log-store-contract.ts';

export interface NewsHouse {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
  readonly news: NewsStore;
  close(): Promise<void>;
}

const TODAY = 20_000;
const OTHER = filled(32, 77) as typeof FAMILY;
const CAROL = { account: filled(16, 4), device: filled(16, 5) } as typeof BOB;

/** What every driver of `NewsStore` keeps. */
export function describeNews(name: string, open: () => Promise<NewsHouse>): void {
  describe(`news of ${name}`, () => {
    let house: NewsHouse;
    beforeEach(async () => {
      house = await open();
      for (const log of [FAMILY, OTHER]) {
        await house.logs.createLog({ log, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
      }
    });
    afterEach(() => house.close());

    it('[STORE34] says which logs go on past a position, and no other', async () => {
      const { logs, news } = house;
      await logs.appendMessage(message(1));
      await logs.appendCommit(commit(2, 0));
      await logs.appendMessage(message(3, { log: OTHER }));
      const at = (family: number, other: number) => [
        { log: FAMILY, seq: family },
        { log: OTHER, seq: other },
      ];
      expect(await news.findLogNews(at(0, 0))).toEqual(at(2, 1));
      expect(await news.findLogNews(at(1, 1))).toEqual([{ log: FAMILY, seq: 2 }]);
      expect(await news.findLogNews(at(2, 1))).toEqual([]);
      expect(await news.findLogNews([])).toEqual([]);
      expect(await news.findLogNews([{ log: filled(32, 200) as typeof FAMILY, seq: 0 }])).toEqual([]);
    });

    it('[STORE34] says which inboxes hold more than their device knows', async () => {
      const { logs, inboxes, news } = house;
      const at = (bob: number, carol: number) => [
        { ...BOB, seq: bob },
        { ...CAROL, seq: carol },
      ];
      expect(await news.findInboxNews(at(0, 0))).toEqual([]);
      await logs.appendCommit(commit(2, 0, { deliveries: [welcomeFor(BOB, 7)] }));
      await inboxes.appendItem(welcomeFor(CAROL, 8), TODAY);
      await inboxes.appendItem(welcomeFor(CAROL, 9), TODAY);
      expect(await news.findInboxNews(at(0, 1))).toEqual(at(1, 2));
      expect(await news.findInboxNews(at(1, 2))).toEqual([]);
      await inboxes.trimItems(CAROL, 2);
      expect(await news.findInboxNews(at(1, 0))).toEqual([]);
      expect(await news.findInboxNews([])).toEqual([]);
    });
  });
}
