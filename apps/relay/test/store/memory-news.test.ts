import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import { describeNews } from './news-contract.ts';

describeNews('memory', async () => ({ ...createMemoryLogs(), close: async () => {} }));
