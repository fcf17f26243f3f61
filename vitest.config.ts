import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Node projects only: what needs a real browser runs under tests/e2e and packages/core/test/browser with Playwright.
const MONGO_SETUP = fileURLToPath(new URL('./apps/relay/test/store/mongodb/setup.ts', import.meta.url));

export default defineConfig({
  test: {
    projects: [
      'packages/protocol',
      'packages/transparency',
      'packages/core',
      'apps/relay',
      'apps/web',
      'tests/simulation',
      'tests/evil',
      'tests/faults',
    ].map((root) => ({
      test: {
        name: root,
        root,
        include: ['test/**/*.test.ts', '*.test.ts'],
        testTimeout: 30_000,
        hookTimeout: 30_000,
        globalSetup: root === 'apps/relay' ? [MONGO_SETUP] : [],
      },
    })),
  },
});
