export { type Config, ConfigError, readConfig } from './config.ts';
export { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
export { buildRelay, type RelayDeps } from './relay.ts';
export { type RunningRelay, type StartOptions, startRelay } from './start.ts';
