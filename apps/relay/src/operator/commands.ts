import { username } from '@sotto/protocol';
import { type Config, ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import { reachRelay } from './ask-relay.ts';
import { isThere, writeBackup } from './backup.ts';
import { examine } from './doctor/doctor.ts';
import { formatFinding, wrong } from './doctor/finding.ts';
import { type AnswerTo, type Failure, isFailure, type Operator, type Problem } from './messages.ts';
import { operatorSocketPath } from './socket-path.ts';
import { openStoppedRelay } from './stopped-relay.ts';
import type { Terminal } from './terminal.ts';

export interface CommandOptions {
  readonly yes: boolean;
  readonly uses: number;
  readonly days: number;
}

/** One command as it was typed. */
export interface Call {
  readonly terminal: Terminal;
  /** Throws `ConfigError`. */
  readonly readConfig: () => Config;
  readonly pageFolder: string;
  readonly name: string;
  readonly options: CommandOptions;
}

export interface Command {
  /** What stands behind its name. */
  readonly usage: string;
  readonly does: string;
  readonly takesName: boolean;
  readonly options: readonly (keyof CommandOptions)[];
  /** Whether it did what it is for. */
  run(call: Call): Promise<boolean>;
}

const PLAIN = { takesName: false, options: [], usage: '' } as const;
const OF_USER = { takesName: true, options: [], usage: ' NAME' } as const;

export const COMMANDS: Readonly<Record<string, Command>> = {
  'user list': { ...PLAIN, does: 'names, whether they are disabled, devices, open sessions', run: listUsers },
  'user disable': {
    ...OF_USER,
    does: 'ends all sessions of NAME and lets nobody sign in',
    run: (call) => changeUser(call, 'disable_user', 'is disabled; all sessions were ended'),
  },
  'user enable': {
    ...OF_USER,
    does: 'lets NAME sign in again',
    run: (call) => changeUser(call, 'enable_user', 'may sign in again'),
  },
  'user delete': {
    takesName: true,
    options: ['yes'],
    usage: ' NAME [--yes]',
    does: 'for good; asks for the name again. Nobody gets the name after',
    run: deleteUser,
  },
  invite: {
    takesName: false,
    options: ['uses', 'days'],
    usage: ' [--uses N] [--days N]',
    does: 'prints a link to make an account with; once and for 7 days when not told',
    run: createInvite,
  },
  'invite list': {
    ...PLAIN,
    does: 'invitations that have not expired, and how often they were used',
    run: listInvites,
  },
  'secrets rotate-jwt': {
    ...PLAIN,
    does: 'another secret of access tokens, at once; nobody is signed out',
    run: rotateJwt,
  },
  backup: {
    ...OF_USER,
    usage: ' FOLDER',
    does: 'copies databases and secrets, while the relay runs, into a folder that is not there yet',
    run: backUp,
  },
  doctor: { ...PLAIN, does: 'what is misconfigured, and how to mend it', run: runDoctor },
};

/** Texts of errors may quote what they were about: here only where they come from is said. */
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

const PROBLEMS: Record<Problem, string> = {
  user_unknown: 'there is no user of that name',
  secret_from_environment: 'JWT_SECRET sets the secret: change it there, and start the relay again',
  unavailable: 'the relay could not do it; its log says why',
};

/** Asks the relay that runs on the data folder, or opens its stores when none does. */
async function ask<A>(
  { readConfig, terminal }: Call,
  question: (operator: Operator) => Promise<A | Failure>,
): Promise<A | undefined> {
  const config = readConfig();
  const running = await reachRunning(config);
  const stopped = running === undefined ? await openStoppedRelay(config, SILENT) : undefined;
  try {
    const answer = await question((running ?? stopped?.operator) as Operator);
    if (!isProblem(answer)) return answer;
    terminal.complain(PROBLEMS[answer.problem]);
    return undefined;
  } finally {
    await stopped?.close();
  }
}

function isProblem<A>(answer: A | Failure): answer is Failure {
  return isFailure(answer as object);
}

async function reachRunning({ dataDir, store }: Config): Promise<Operator | undefined> {
  const path = store === 'memory' ? undefined : operatorSocketPath(dataDir);
  return path === undefined ? undefined : reachRelay(path);
}

async function listUsers(call: Call): Promise<boolean> {
  const answer = await ask(call, async (operator) => {
    const users: AnswerTo<'list_users'>['users'] = [];
    for (let more = true; more; ) {
      const page = await operator({ command: 'list_users', after: users.at(-1)?.name ?? '' });
      if (isFailure(page)) return page;
      users.push(...page.users);
      more = page.more;
    }
    return { users };
  });
  for (const { name, disabled, devices, sessions } of answer?.users ?? []) {
    const state = disabled ? 'disabled' : 'active';
    call.terminal.print(
      `${name.padEnd(32)} ${state.padEnd(8)} ${count(devices, 'device')}, ${count(sessions, 'session')}`,
    );
  }
  return answer !== undefined;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

async function changeUser(
  call: Call,
  command: 'disable_user' | 'enable_user' | 'delete_user',
  happened: string,
): Promise<boolean> {
  const name = username.safeParse(call.name);
  const answer = await ask(
    call,
    async (operator): Promise<object | Failure> =>
      name.success ? operator({ command, name: name.data }) : { problem: 'user_unknown' },
  );
  if (answer !== undefined) call.terminal.print(`${call.name} ${happened}`);
  return answer !== undefined;
}

async function deleteUser(call: Call): Promise<boolean> {
  const { name, options, terminal } = call;
  if (!options.yes) {
    const typed = await terminal.ask(`This cannot be undone. Type the name again to delete ${name}: `);
    if (typed?.trim() !== name) {
      terminal.complain('nothing was deleted');
      return false;
    }
  }
  return changeUser(call, 'delete_user', 'is deleted; nobody gets the name after');
}

async function createInvite(call: Call): Promise<boolean> {
  const { uses, days } = call.options;
  const answer = await ask(call, (operator) => operator({ command: 'create_invite', uses, days }));
  if (answer === undefined) return false;
  call.terminal.print(answer.link);
  call.terminal.complain(`good for ${count(uses, 'account')}, until ${describeTime(answer.expiresAt)}`);
  if (answer.registration !== 'invite') call.terminal.complain(HINTS[answer.registration]);
  return true;
}

const HINTS = {
  open: 'registration is open, so nobody needs it: SOTTO_REGISTRATION=invite asks for one',
  closed: 'registration is closed, so it opens nothing: SOTTO_REGISTRATION=invite asks for one',
} as const;

async function listInvites(call: Call): Promise<boolean> {
  const answer = await ask(call, (operator) => operator({ command: 'list_invites' }));
  for (const { id, uses, used, expiresAt } of answer?.invites ?? []) {
    call.terminal.print(`${id}  used ${used} of ${uses}, until ${describeTime(expiresAt)}`);
  }
  return answer !== undefined;
}

function describeTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

async function rotateJwt(call: Call): Promise<boolean> {
  const answer = await ask(call, (operator) => operator({ command: 'rotate_jwt' }));
  if (answer === undefined) return false;
  call.terminal.print('access tokens have another secret; people renew theirs, and nobody is signed out');
  if (call.readConfig().store === 'mongodb') {
    call.terminal.complain(
      'other relays on this database need the same jwt-secret: copy it, and start them again',
    );
  }
  return true;
}

async function backUp(call: Call): Promise<boolean> {
  const { name: folder, terminal } = call;
  if (await isThere(folder)) {
    terminal.complain(`${folder} is there already: nothing was written`);
    return false;
  }
  const answer = await ask(call, (operator) => operator({ command: 'back_up' }));
  if (answer === undefined) return false;
  const refused = await writeBackup({ folder, dataDir: call.readConfig().dataDir, snapshot: answer.folder });
  if (refused !== undefined) {
    terminal.complain(`${folder}: ${refused}; nothing was kept, and the relay is as it was`);
    return false;
  }
  terminal.print(`${folder} holds ${answer.folder === undefined ? '' : 'the databases and '}the secrets`);
  if (answer.folder === undefined) terminal.complain('all else is in MongoDB: dump it now, with mongodump');
  return true;
}

async function runDoctor(call: Call): Promise<boolean> {
  const config = readSettings(call);
  if (config === undefined) return false;
  const findings = await examine(config, {
    running: await reachRunning(config),
    openStopped: () => openStoppedRelay(config, SILENT),
    pageFolder: call.pageFolder,
    clock: Date.now,
  });
  for (const finding of findings) call.terminal.print(formatFinding(finding));
  return !findings.some(({ state }) => state === 'wrong');
}

/** Undefined, and said as one more finding, when they cannot be read: nothing else can be looked at then. */
function readSettings({ readConfig, terminal }: Call): Config | undefined {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.print(
      formatFinding(wrong('settings', error.message, 'Everything else is looked at after that')),
    );
    return undefined;
  }
}
