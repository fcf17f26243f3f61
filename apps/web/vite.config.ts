import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVICE_WORKER = 'sw.js';
const PUBLIC_FILES = ['icon.svg', 'manifest.webmanifest'];
const COMPRESSED = /\.(?:js|css|html|svg|webmanifest|json|wasm)$/;

/** Writes `.br` and `.gz` beside each text file, once, at the build: the relay only picks. */
export function precompress(): Plugin {
  return {
    name: 'sotto-precompress',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) return;
      const names = [...Object.keys(bundle), ...PUBLIC_FILES];
      await Promise.all(
        names
          .filter((name) => COMPRESSED.test(name))
          .map(async (name) => {
            const bytes = await readFile(join(dir, name));
            const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
            await writeFile(
              `${join(dir, name)}.br`,
              await promisify(brotliCompress)(bytes, { params: quality }),
            );
            await writeFile(`${join(dir, name)}.gz`, await promisify(gzip)(bytes, { level: 9 }));
          }),
      );
    },
  };
}

/** Tells the offline shell which files this build has. */
export function listShell(): Plugin {
  return {
    name: 'sotto-shell',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle[SERVICE_WORKER];
        const page = bundle['index.html'];
        if (worker?.type !== 'chunk' || page?.type !== 'asset')
          throw new Error('the build has no page or no shell');
        const assets = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
        const files = ['/', ...[...assets, ...PUBLIC_FILES].sort().map((name) => `/${name}`)];
        const version = createHash('sha256').update(page.source).update(files.join()).digest('hex');
        worker.code = worker.code
          .replace('__SHELL_FILES__', JSON.stringify(files))
          .replace('__SHELL_VERSION__', version.slice(0, 16));
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), listShell(), precompress()],
  worker: { format: 'es' },
  build: {
    target: 'es2024',
    // Everything is a file of its own with a hash in its name: no data: addresses, which the CSP refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    rolldownOptions: {
      // A slow machine is no fault of the build.
      checks: { pluginTimings: false },
      input: {
        index: join(import.meta.dirname, 'index.html'),
        sw: join(import.meta.dirname, 'src/shell/service-worker.ts'),
      },
      output: {
        // A service worker's place is its reach, and its name its identity: both stay.
        entryFileNames: ({ name }) => (name === 'sw' ? SERVICE_WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
});
