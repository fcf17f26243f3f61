import { type Config, ConfigError } from '../../config.ts';
import { isFailure, type Operator } from '../messages.ts';
import { readOrigin } from '../stopped-relay.ts';
import { examineClock, examineDataFolder, examineSecrets } from './data-folder.ts';
import { examineDoors } from './doors.ts';
import { type Finding, ok, wrong } from './finding.ts';
import { examineMail, examineRedis, examineStore } from './services.ts';

export interface DoctorDeps {
  /** The relay that runs on the data folder; undefined when none does. */
  readonly running: Operator | undefined;
  /** Opens the stores of a relay that does not run. Rejects with `ConfigError` when there is nothing to open. */
  readonly openStopped: () => Promise<{ readonly operator: Operator; close(): Promise<void> }>;
  readonly pageFolder: string;
  readonly clock: () => number;
}

/** Everything that is known to go wrong with a relay, looked at once. No request leaves for anybody but its own services. */
export async function examine(config: Config, deps: DoctorDeps): Promise<Finding[]> {
  const { running, pageFolder, clock } = deps;
  const asked = running === undefined ? undefined : await running({ command: 'probe' });
  const known = asked === undefined || isFailure(asked) ? undefined : asked.origin;
  const boundTo = config.store === 'memory' ? undefined : await readOrigin(config.dataDir);
  const origin = known ?? config.publicUrl ?? `http://localhost:${config.port}`;
  return [
    ok('settings', 'all can be read'),
    // Before anything is written here, which would have today's time.
    await examineClock(config, clock()),
    ok(
      'relay',
      running === undefined ? 'none runs on this data folder' : `runs at ${known ?? 'an unknown address'}`,
    ),
    ...(await examineDataFolder(config)),
    ...(await examineSecrets(config)),
    ...(await examineStores(config, deps)),
    ...(await examineRedis(config, clock)),
    ...examineDoors(config, { origin, boundTo, pageFolder }),
    await examineMail(config.mail, origin),
  ];
}

async function examineStores(config: Config, { running, openStopped }: DoctorDeps): Promise<Finding[]> {
  if (running !== undefined) return [await examineStore(running, config)];
  if (config.store === 'memory') return [];
  try {
    const stopped = await openStopped();
    const finding = await examineStore(stopped.operator, config);
    await stopped.close();
    return [finding];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [explainStore(error)];
  }
}

function explainStore({ variable, message }: ConfigError): Finding {
  if (variable === 'MONGO_URI') return wrong('store (MongoDB)', message, 'Start it, or mend MONGO_URI');
  if (message.includes('another relay')) {
    return wrong('store', 'a relay uses it that does not answer here', 'Stop that one, or look at its log');
  }
  return ok('store', 'made at the first start');
}
