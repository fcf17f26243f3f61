import { createMemoryLogs } from '../../src/store/memory/logs.ts';
import { testLogStore } from './log-store-contract.ts';

testLogStore('memory', createMemoryLogs);
