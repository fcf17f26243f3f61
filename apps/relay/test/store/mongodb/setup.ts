import type { TestProject } from 'vitest/node';
import { startTestServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mongoUri: string | undefined;
  }
}

/** Starts a server for the whole run and says which one; says out loud when there is none, and those tests are skipped. */
export default async function setup(project: TestProject) {
  const server = await startTestServer();
  if (typeof server === 'string') {
    console.warn(`\nSKIPPED, all tests against MongoDB: ${server}\n`);
    project.provide('mongoUri', undefined);
    return undefined;
  }
  console.info(`\nTests against MongoDB run on ${server.name}.\n`);
  project.provide('mongoUri', server.uri);
  return () => server.stop();
}
