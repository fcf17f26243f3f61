import { expect, test } from '@playwright/test';
import { Secret, TOTP } from 'otpauth';
import { addAuthenticator } from '../../apps/web/test/browser/passkey.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { Person } from './person.ts';
import { type RelayProcess, startRelayProcess } from './relay-process.ts';

// The real page, the real relay and a real SMTP server: each way in, and each way back in.

let mailbox: Mailbox;
let relay: RelayProcess;
test.beforeAll(async () => {
  mailbox = await openMailbox();
  relay = await startRelayProcess({
    MAIL_SERVER: '127.0.0.1',
    MAIL_PORT: String(mailbox.port),
    MAIL_FROM: 'sotto@relay.example',
  });
});
test.afterAll(async () => {
  await relay.remove();
  await mailbox.close();
});

/** The same person at another browser. */
async function elsewhere(person: Person): Promise<Person> {
  const browser = person.context.browser();
  if (browser === null) throw new Error('no browser');
  const other = await Person.arrive(browser, person.name, relay.origin);
  other.password = person.password;
  return other;
}

async function makeRecoveryKey(person: Person): Promise<string> {
  await person.openAccount('Security', 'Recovery key');
  await person.confirm('Make a recovery key');
  const shown = /(?:[0-9A-HJKMNP-TV-Z]{4}-?\s*){9}/;
  await expect(person.page.getByRole('dialog')).toContainText(shown);
  const key = (shown.exec((await person.page.getByRole('dialog').innerText()) ?? '')?.[0] ?? '').trim();
  await person.page.getByRole('button', { name: 'I have it: test it' }).click();
  await person.page.getByRole('textbox', { name: 'Recovery key' }).fill(key.toLowerCase());
  await person.page.getByRole('button', { name: 'Test my key' }).click();
  await expect(person.page.getByText('This key opens your account.')).toBeVisible();
  await person.page.getByRole('button', { name: 'Done' }).click();
  await person.closeSheet();
  return key;
}

async function forget(person: Person, address: string): Promise<void> {
  const { page } = person;
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(person.name);
  const seen = mailbox.mailsTo(address).length;
  await page.getByRole('button', { name: 'Continue' }).click();
  await person.giveCode(await mailbox.codeFor(address, seen));
}

async function setNewPassword(person: Person): Promise<void> {
  person.password = `a new horse of ${person.name} elsewhere`;
  await person.page.getByRole('textbox', { name: 'New password' }).fill(person.password);
  await person.page.getByRole('button', { name: 'Set password and sign in' }).click();
  await person.expectSignedIn();
}

test('a code by mail: proves an address, then guards each sign-in, and the relay sees neither code nor mail text at rest', async ({
  browser,
}) => {
  const address = 'alice@example.org';
  const alice = await Person.arrive(browser, 'alice', relay.origin);
  await alice.createAccount({ address, mailbox });
  await alice.openAccount('Security', 'Second step', 'Code by mail');
  await alice.confirm('Turn on');
  await expect(alice.page.getByText(`Codes go to ${address} now.`)).toBeVisible();

  const phone = await elsewhere(alice);
  const seen = mailbox.mailsTo(address).length;
  await phone.signIn();
  await expect(phone.page.getByRole('heading', { name: 'One more proof' })).toBeVisible();
  const code = await mailbox.codeFor(address, seen);
  await phone.giveCode(code === '00000000' ? '00000001' : '00000000');
  await expect(phone.page.getByText('This code is wrong')).toBeVisible();
  await phone.giveCode(code);
  await phone.expectSignedIn();
  await expect(alice.page.getByText('New sign-in to your account')).toBeVisible();
  for (const [file, bytes] of await relay.readDisk())
    expect(bytes.includes(code), `${file} holds the code`).toBe(false);
  expect(relay.log()).not.toContain(code);
  expect([...alice.errors, ...phone.errors]).toEqual([]);
});

test('an authenticator app and its recovery codes', async ({ browser }) => {
  const bob = await Person.arrive(browser, 'bob', relay.origin);
  await bob.createAccount({ address: 'bob@example.org', mailbox });
  await bob.openAccount('Security', 'Second step', 'Authenticator app');
  await bob.confirm('Set it up');
  const dialog = bob.page.getByRole('dialog');
  await expect(dialog).toContainText(/(?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4}/);
  const secret = /(?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4}/.exec(await dialog.innerText())?.[0].replaceAll(/\s/g, '');
  const app = new TOTP({ secret: Secret.fromBase32(secret ?? '') });
  await bob.giveCode(app.generate(), 'Turn on');
  const codes = bob.page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const recoveryCode = await codes.first().innerText();
  await bob.page.getByRole('button', { name: 'I have them' }).click();

  const phone = await elsewhere(bob);
  await phone.signIn();
  // The code that turned it on has served: the next one is of the next half minute, which the relay takes early.
  await phone.giveCode(app.generate({ timestamp: Date.now() + 30_000 }));
  await phone.expectSignedIn();

  for (const [time, serves] of [
    ['first', true],
    ['second', false],
  ] as const) {
    await test.step(`a recovery code, the ${time} time`, async () => {
      const tablet = await elsewhere(bob);
      await tablet.signIn();
      await tablet.page.getByRole('button', { name: 'Recovery code' }).click();
      await tablet.page.getByRole('textbox', { name: 'Recovery code' }).fill(recoveryCode);
      await tablet.page.getByRole('button', { name: 'Continue' }).click();
      if (serves) await tablet.expectSignedIn();
      else await expect(tablet.page.getByText('This code is wrong')).toBeVisible();
      await tablet.context.close();
    });
  }
  expect([...bob.errors, ...phone.errors]).toEqual([]);
});

test('a passkey: the second factor, and, with PRF, the way back to the identity', async ({ browser }) => {
  const address = 'carol@example.org';
  const grace = await Person.arrive(browser, 'grace', relay.origin);
  await grace.createAccount({ address: 'grace@example.org', mailbox });
  const carol = await Person.arrive(browser, 'carol', relay.origin);
  await addAuthenticator(carol.page, { hasPrf: true });
  await carol.createAccount({ address, mailbox });
  await carol.openAccount('Security', 'Second step', 'Passkeys');
  await carol.page.getByRole('button', { name: 'Add a passkey' }).click();
  await carol.page.getByRole('textbox', { name: 'Name' }).fill('Laptop');
  await carol.confirm('Go on with the device');
  await expect(carol.page.getByText('It can also bring your account back when')).toBeVisible();
  await carol.page.getByRole('button', { name: 'I have them' }).click();
  await expect(carol.page.getByRole('list', { name: 'Passkeys' })).toContainText('Laptop');
  await carol.closeSheet();
  const digits = await safetyDigitsOf(carol, 'grace');

  await test.step('the same browser, signed out: the passkey lets in, the password alone does not', async () => {
    await signOut(carol);
    await carol.signIn();
    await carol.page.getByRole('button', { name: 'Use passkey' }).click();
    await carol.expectSignedIn();
  });

  await test.step('the password is forgotten: mail, passkey, and the identity is the same', async () => {
    await signOut(carol);
    await forget(carol, address);
    await carol.page.getByRole('button', { name: 'Use passkey' }).click();
    await setNewPassword(carol);
    expect(await safetyDigitsOf(carol, 'grace')).toBe(digits);
  });
  expect(carol.errors).toEqual([]);
});

test('[P3] a forgotten password: with the recovery key contacts notice nothing; without it they are told', async ({
  browser,
}) => {
  const address = 'dave@example.org';
  const dave = await Person.arrive(browser, 'dave', relay.origin);
  const erin = await Person.arrive(browser, 'erin', relay.origin);
  await dave.createAccount({ address, mailbox });
  await erin.createAccount({ address: 'erin@example.org', mailbox });
  await dave.open('erin');
  await dave.say('hello erin');
  await erin.conversations.getByText('dave').click();
  await erin.sees('hello erin');
  const key = await makeRecoveryKey(dave);

  await test.step('with the recovery key', async () => {
    const phone = await elsewhere(dave);
    await forget(phone, address);
    await phone.page.getByText('With my recovery key').click();
    await phone.page.getByRole('textbox', { name: 'Recovery key' }).fill(key);
    await phone.page.getByRole('button', { name: 'Continue' }).click();
    await setNewPassword(phone);
    await phone.open('erin');
    await phone.say('same dave, new password');
    await erin.sees('same dave, new password');
    await expect(erin.page.getByRole('alertdialog')).toHaveCount(0);
    await expect(dave.page.getByRole('alertdialog', { name: 'Signed out by the relay' })).toBeVisible();
    dave.password = phone.password;
    await phone.context.close();
  });

  await test.step('without: what is lost is told before, and erin after', async () => {
    const stranger = await elsewhere(dave);
    await forget(stranger, address);
    await stranger.page.getByText('Without any of these').click();
    await expect(stranger.page.getByRole('region', { name: 'What is lost' })).toBeVisible();
    await stranger.page.getByText('I understand').click();
    await stranger.page.getByRole('button', { name: 'Begin with a new identity' }).click();
    await setNewPassword(stranger);
    await erin.page.reload();
    await erin.expectSignedIn();
    await expect(erin.page.getByRole('alert', { name: 'dave has a new key' })).toBeVisible({
      timeout: 30_000,
    });
    expect(stranger.errors).toEqual([]);
  });
  expect([...dave.errors, ...erin.errors]).toEqual([]);
});

test('another password ends the other sessions and opens everything as before', async ({ browser }) => {
  const frank = await Person.arrive(browser, 'frank', relay.origin);
  await frank.createAccount({ address: 'frank@example.org', mailbox });
  const phone = await elsewhere(frank);
  await phone.signIn();
  await phone.expectSignedIn();
  const before = frank.password;
  await frank.openAccount('Security', 'Password');
  await frank.page.getByRole('textbox', { name: 'New password' }).fill('tall green bicycle lamp');
  await frank.confirm('Change password');
  await expect(frank.page.getByText('Your password is changed.')).toBeVisible();
  await expect(phone.page.getByRole('alertdialog', { name: 'Signed out by the relay' })).toBeVisible();
  const tablet = await elsewhere(frank);
  await tablet.signIn(before);
  await expect(tablet.page.getByText('do not go together')).toBeVisible();
  await tablet.signIn('tall green bicycle lamp');
  await tablet.expectSignedIn();
  expect([...frank.errors, ...phone.errors, ...tablet.errors]).toEqual([]);
});

async function signOut({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'Account', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out…' }).click();
  await page.getByRole('button', { name: 'Sign out and wipe' }).click();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeVisible();
}

async function safetyDigitsOf(person: Person, other: string): Promise<string> {
  await person.open(other);
  await person.page.getByRole('button', { name: 'Safety number' }).click();
  const sheet = person.page.getByRole('dialog', { name: 'Safety number' });
  const digits = /(?:\d{5}\s+){12}/;
  await expect(sheet).toContainText(digits);
  const found = (digits.exec((await sheet.textContent()) ?? '')?.[0] ?? '').replaceAll(/\s/g, '');
  await person.page.keyboard.press('Escape');
  return found;
}
