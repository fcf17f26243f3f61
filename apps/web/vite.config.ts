import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSED = /\.(?:js|css|html|svg|webmanifest|json|wasm)$/;

/** Writes `.br` and `.gz` beside each text file, once, at the build: the relay only picks. */
export function precompress(): Plugin {
  return {
    name: 'sotto-precompress',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) return;
      const names = [...Object.keys(bundle), 'icon.svg', 'manifest.webmanifest'];
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

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), precompress()],
  worker: { format: 'es' },
  build: {
    target: 'es2024',
    // Everything is a file of its own with a hash in its name: no data: addresses, which the CSP refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
