// How fast MLS is: sealing, opening, committing and joining, in Node and in Chromium, beside bare ts-mls as the floor.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureInChromium } from './crypto/browser.ts';
import { contenders } from './crypto/contenders.ts';
import { measure } from './crypto/workload.ts';
import { describeMachine } from './machine.ts';

const rows = [...(await measure('node', contenders)), ...(await measureInChromium())];
console.table(rows);
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
const result = { name: 'crypto', at: new Date().toISOString(), machine: describeMachine(), rows };
writeFileSync(join(folder, 'crypto.json'), `${JSON.stringify(result, undefined, 2)}\n`);
