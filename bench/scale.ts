// How a relay grows: many sockets, many readers, many stored entries, several relays on one database. Relays and load are
// processes of their own on the same cores; each series is drawn, too.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, report } from './results.ts';
import { measureFanOut } from './scale/fan-out.ts';
import { measureNodes } from './scale/nodes.ts';
import { measureRetained } from './scale/retained.ts';
import { measureSockets } from './scale/sockets.ts';

const cache = join(import.meta.dirname, '../.cache');
mkdirSync(cache, { recursive: true });
// On the disk beside the repository: the system's temporary folder may be memory.
const folder = mkdtempSync(join(cache, 'bench-scale-'));
const rows: Row[] = [];
try {
  rows.push(...(await measureRetained(folder)));
  rows.push(...(await measureFanOut(folder)));
  rows.push(...(await measureSockets(folder)));
  rows.push(...(await measureNodes()));
} finally {
  rmSync(folder, { recursive: true });
}
report('scale', rows);
