import { dirname } from 'node:path';
import { build, type Rolldown } from 'vite';

/** One ES module for the browser from a TypeScript entry; as minified as the real page. */
export async function bundle(entry: string): Promise<string> {
  const built = await build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      lib: { entry, formats: ['es'], fileName: 'page' },
      rolldownOptions: {
        output: { codeSplitting: false },
        // ts-mls names providers of suites that are not used here, and that are not installed.
        external: ['@hpke/chacha20poly1305', '@hpke/dhkem-x448'],
      },
    },
  });
  const [output] = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  const chunk = output?.output.find((part) => part.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('the page did not build');
  return chunk.code;
}
