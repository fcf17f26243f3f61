// Signing in: how long a person waits in Chromium, from the click to the list of conversations on a browser that never saw
// the account (OPAQUE with its pinned stretching, chain, vault, joining the chain), and what it costs the relay, alone and with
// what another device asks on hearing of it. Floors of the same run: the stretching alone, and the bare OPAQUE server without
// HTTP, store or tickets.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { client, ready, server } from '@serenity-kit/opaque';
import { createNodeChat } from '@sotto/core';
import {
  CBOR_TYPE,
  decodeCbor,
  encodeBase64Url,
  encodeCbor,
  OPAQUE_KEY_STRETCHING,
  opaqueServerIdentifier,
} from '@sotto/protocol';
import { CHROMIUM_FLAGS, ensureChromium } from '../tools/chromium.ts';
import { buildPage } from './build-page.ts';
import { median, report } from './results.ts';

const BROWSERS = 9;
const LOGINS = 300;
const WARM_UP = 50;
const PASSWORD = 'a long password for the bench';

await ready;
buildPage();
const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-sign-in-'));
const relay = fork(join(import.meta.dirname, 'sign-in/relay-process.ts'), [folder], { execArgv: [] });
const { origin } = await answerOf<{ origin: string }>(relay);
let alice = await createNodeChat({ origin });
const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
try {
  await alice.register({ username: 'alice', password: PASSWORD });
  const waits: number[] = [];
  for (let round = 0; round < BROWSERS; round++) waits.push(await signInInBrowser(browser));
  const stretch = median(Array.from({ length: 5 }, stretchOnce));
  // The login itself first, while the relay is the least warm. A device of hers that is live hears of each, and asks.
  await alice.close();
  const cpu = await relayCpuOfLogin();
  alice = await createNodeChat({ origin });
  await alice.signIn({ username: 'alice', password: PASSWORD });
  const beside = await relayCpuOfLogin();
  const floor = bareCpuOfLogin();
  report('sign-in', [
    row(
      'a fresh browser, from click to the list (median)',
      median(waits),
      '≤ 1500',
      'stretching alone, in Node',
      stretch,
    ),
    row('the same, slowest of nine', Math.max(...waits), '', '', undefined),
    row('relay CPU of one login', cpu, '≤ 5', 'bare OPAQUE server', floor),
    row('the same, and what a live device of hers then asks', beside, '', '', undefined),
  ]);
} finally {
  await alice.close();
  await browser.close();
  relay.disconnect();
  await once(relay, 'exit');
  rmSync(folder, { recursive: true });
}

function row(what: string, ms: number, goal: string, floor: string, floorMs: number | undefined) {
  const ratio = floorMs === undefined ? '' : (ms / floorMs).toFixed(1);
  return {
    what,
    ms: ms.toFixed(ms < 100 ? 2 : 0),
    goal,
    floor,
    'floor ms': floorMs?.toFixed(2) ?? '',
    ratio,
  };
}

async function signInInBrowser(of: Browser): Promise<number> {
  const context = await of.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByRole('textbox', { name: 'Username' }).fill('alice');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  const start = performance.now();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'New conversation' }).waitFor();
  const took = performance.now() - start;
  await context.close();
  return took;
}

/** Processor time that the relay takes for both legs, as a client that already stretched sends them. */
async function relayCpuOfLogin(): Promise<number> {
  const device = randomBytes(16);
  // A device that the chain does not know: the relay lets it in, and it says nothing further.
  for (let i = 0; i < WARM_UP; i++) await logIn(device);
  const before = await cpuOf(relay);
  for (let i = 0; i < LOGINS; i++) await logIn(device);
  return ((await cpuOf(relay)) - before) / LOGINS;
}

/** The record was made with full stretching; so each login must stretch, but that costs this process, not the relay. */
async function logIn(device: Uint8Array): Promise<void> {
  const { clientLoginState, startLoginRequest } = client.startLogin({ password: PASSWORD });
  const started = await call<{ ticket: Uint8Array; response: Uint8Array }>('/auth/login', {
    username: 'alice',
    request: fromText(startLoginRequest),
  });
  const finished = client.finishLogin({
    password: PASSWORD,
    clientLoginState,
    loginResponse: encodeBase64Url(started.response),
    identifiers: { client: 'alice', server: opaqueServerIdentifier(origin) },
    keyStretching: OPAQUE_KEY_STRETCHING,
  });
  if (finished === undefined) throw new Error('the password did not open');
  await call('/auth/login/finish', {
    ticket: started.ticket,
    finish: fromText(finished.finishLoginRequest),
    device,
  });
}

async function call<T>(path: string, body: object): Promise<T> {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': CBOR_TYPE },
    body: Buffer.from(encodeCbor(body)),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return decodeCbor(new Uint8Array(await response.arrayBuffer()), 65_536) as T;
}

/** Milliseconds of one password, stretched as pinned. */
function stretchOnce(): number {
  const { registrationRequest, clientRegistrationState } = client.startRegistration({ password: PASSWORD });
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup: server.createSetup(),
    userIdentifier: 'alice',
    registrationRequest,
  });
  const start = performance.now();
  client.finishRegistration({
    password: PASSWORD,
    clientRegistrationState,
    registrationResponse,
    keyStretching: OPAQUE_KEY_STRETCHING,
  });
  return performance.now() - start;
}

/** The bare server's part of as many logins, in this process. */
function bareCpuOfLogin(): number {
  const serverSetup = server.createSetup();
  const keyStretching = { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } };
  const { registrationRequest, clientRegistrationState } = client.startRegistration({ password: PASSWORD });
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup,
    userIdentifier: 'alice',
    registrationRequest,
  });
  const { registrationRecord } = client.finishRegistration({
    password: PASSWORD,
    clientRegistrationState,
    registrationResponse,
    keyStretching,
  });
  let ms = 0;
  for (let i = 0; i < LOGINS; i++) {
    const { clientLoginState, startLoginRequest } = client.startLogin({ password: PASSWORD });
    const start = performance.now();
    const { serverLoginState, loginResponse } = server.startLogin({
      serverSetup,
      userIdentifier: 'alice',
      registrationRecord,
      startLoginRequest,
    });
    ms += performance.now() - start;
    const finished = client.finishLogin({
      password: PASSWORD,
      clientLoginState,
      loginResponse,
      keyStretching,
    });
    if (finished === undefined) throw new Error('the password did not open');
    const then = performance.now();
    server.finishLogin({ serverLoginState, finishLoginRequest: finished.finishLoginRequest });
    ms += performance.now() - then;
  }
  return ms / LOGINS;
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('usage');
  return (await answerOf<{ cpuMs: number }>(child)).cpuMs;
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message;
}

function fromText(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}
