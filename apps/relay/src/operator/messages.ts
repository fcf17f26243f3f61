import { username } from '@sotto/protocol';
import { z } from 'zod';

/**
 * What the operator's command line asks a running relay, over a socket in the data folder that only its owner may use: one
 * line of JSON each way. Parsed strictly on both sides all the same.
 */
const operatorRequest = z.discriminatedUnion('command', [
  /** A page of names behind `after`, in byte order. */
  z.strictObject({ command: z.literal('list_users'), after: z.string().max(64) }),
  z.strictObject({ command: z.literal('disable_user'), name: username }),
  z.strictObject({ command: z.literal('enable_user'), name: username }),
  z.strictObject({ command: z.literal('delete_user'), name: username }),
  z.strictObject({
    command: z.literal('create_invite'),
    uses: z.int().min(1).max(10_000),
    days: z.int().min(1).max(365),
  }),
  z.strictObject({ command: z.literal('list_invites') }),
  z.strictObject({ command: z.literal('rotate_jwt') }),
  /** Puts a copy of the databases into the data folder, for who asked to take away. */
  z.strictObject({ command: z.literal('back_up') }),
  /** Whether the store takes a write now. */
  z.strictObject({ command: z.literal('probe') }),
]);
export type OperatorRequest = z.infer<typeof operatorRequest>;
export type OperatorCommand = OperatorRequest['command'];

/** Why a command did nothing. */
const problem = z.strictObject({
  problem: z.enum([
    'user_unknown',
    /** JWT_SECRET is set: the secret is wherever that comes from. */
    'secret_from_environment',
    /** The store failed, or the relay did. */
    'unavailable',
  ]),
});
export type Problem = z.infer<typeof problem>['problem'];

const done = z.strictObject({});
const registration = z.enum(['open', 'invite', 'closed']);

const ANSWERS = {
  list_users: z.strictObject({
    users: z.array(
      z.strictObject({ name: z.string(), disabled: z.boolean(), sessions: z.int(), devices: z.int() }),
    ),
    /** Whether there may be more behind the last one. */
    more: z.boolean(),
  }),
  disable_user: done,
  enable_user: done,
  delete_user: done,
  create_invite: z.strictObject({ link: z.string(), expiresAt: z.int(), registration }),
  list_invites: z.strictObject({
    invites: z.array(
      z.strictObject({
        /** Begin of its hash, to tell one from another: the link itself is kept nowhere. */
        id: z.string(),
        uses: z.int(),
        used: z.int(),
        createdAt: z.int(),
        expiresAt: z.int(),
      }),
    ),
  }),
  rotate_jwt: done,
  /** Its name in the data folder; undefined when the databases are not there. */
  back_up: z.strictObject({
    folder: z
      .string()
      .regex(/^backup-[0-9a-f]{16}$/)
      .optional(),
  }),
  probe: z.strictObject({ origin: z.string(), store: z.enum(['ok', 'storage_full', 'unavailable']) }),
} as const satisfies Record<OperatorCommand, z.ZodType>;

export type AnswerTo<C extends OperatorCommand> = z.infer<(typeof ANSWERS)[C]>;
export type Failure = { readonly problem: Problem };

/** What answers commands: a running relay, or the stores of one that is stopped. Never rejects. */
export type Operator = <C extends OperatorCommand>(
  request: Extract<OperatorRequest, { command: C }>,
) => Promise<AnswerTo<C> | Failure>;

export function isFailure(answer: object): answer is Failure {
  return 'problem' in answer;
}

/** Undefined for anything but a request. */
export function readRequest(line: string): OperatorRequest | undefined {
  return operatorRequest.safeParse(parseJson(line)).data;
}

/** The answer to that command; throws for anything else, such as that of a relay of another version. */
export function readAnswer<C extends OperatorCommand>(command: C, line: string): AnswerTo<C> | Failure {
  const answer = z.union([problem, ANSWERS[command]]).safeParse(parseJson(line));
  if (!answer.success) throw new Error('the running relay answered what this command line does not know');
  return answer.data as AnswerTo<C> | Failure;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
