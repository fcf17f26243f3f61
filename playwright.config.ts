import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from './tools/chromium.ts';

const executablePath = ensureChromium();
process.env.SOTTO_CHROMIUM = executablePath;

export default defineConfig({
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: { launchOptions: { executablePath, args: CHROMIUM_FLAGS } },
  projects: [
    { name: 'core', testDir: 'tests/browser-core' },
    { name: 'interop', testDir: 'tests/interop' },
    { name: 'web', testDir: 'apps/web/test/browser' },
    { name: 'e2e', testDir: 'tests/e2e' },
  ],
});
