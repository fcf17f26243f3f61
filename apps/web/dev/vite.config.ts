import { existsSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const core = join(import.meta.dirname, '../../../packages/core/src');
const page = join(core, 'page.ts');

/** The page on a told story, built into `.cache/web-stories` and served under the same headers as the real one. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: '../public',
  plugins: [react()],
  resolve: { alias: existsSync(page) ? {} : { '@sotto/core/page': join(core, 'chat/chat.ts') } },
  build: {
    target: 'es2024',
    outDir: '../../../.cache/web-stories',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
