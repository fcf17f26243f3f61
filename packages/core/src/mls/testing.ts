/** What the interoperability test and the benches take of MLS, below the conversations that core is about. */
export type { DeviceIdentity, Mls, MlsGroup, OwnKeyPackage } from './door.ts';
export { createMls } from './mls.ts';
export { createSuite, DEFAULT_SUITE, type SuiteName } from './suite.ts';
