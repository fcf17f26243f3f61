#!/usr/bin/env node
import { stderr, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { readConfig } from './config.ts';
import { runCommandLine } from './operator/command-line.ts';
import { PAGE_FOLDER } from './page-folder.ts';

// What it writes is its owner's alone, as with the relay.
process.umask(0o077);
process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: {
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    ask,
  },
  readConfig,
  pageFolder: PAGE_FOLDER,
});

async function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
