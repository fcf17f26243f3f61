import { keepSecrets, makeSecrets, type RelaySecrets } from './auth/secrets.ts';
import type { Random } from './clock.ts';
import type { Config } from './config.ts';
import { replaceJwtSecret } from './operator/jwt-secret.ts';

/** The secrets of a running relay. */
export interface RunningSecrets {
  /** To be read at each use: the secret of access tokens may be replaced. */
  readonly secrets: RelaySecrets;
  /** Puts another secret of access tokens in force, on disk first. */
  rotateJwtSecret(): Promise<'rotated' | 'from_environment'>;
}

export async function openSecrets(config: Config, random: Random): Promise<RunningSecrets> {
  const isKept = config.store !== 'memory';
  const kept = isKept ? await keepSecrets(config.dataDir, random) : await makeSecrets(random);
  let jwtSecret = config.jwtSecret ?? kept.jwtSecret;
  return {
    secrets: {
      ...kept,
      get jwtSecret() {
        return jwtSecret;
      },
    },
    async rotateJwtSecret() {
      if (config.jwtSecret !== undefined) return 'from_environment';
      const next = random(32);
      if (isKept) await replaceJwtSecret(config.dataDir, next);
      jwtSecret = next;
      return 'rotated';
    },
  };
}
