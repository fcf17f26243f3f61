import { contenders } from './contenders.ts';
import { measure, type Row } from './workload.ts';

declare global {
  interface Window {
    cryptoBench: () => Promise<Row[]>;
  }
}

window.cryptoBench = () => measure('chromium', contenders);
