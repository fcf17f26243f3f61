import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import type { Mailbox } from './mailbox.ts';

/** Somebody with a browser profile of their own, doing what people do, by role and accessible name. */
export class Person {
  readonly name: string;
  password: string;
  readonly context: BrowserContext;
  page: Page;
  readonly errors: string[] = [];

  constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.password = `correct horse of ${name} battery`;
    this.context = context;
    this.page = page;
    this.watch(page);
  }

  static async arrive(browser: Browser, name: string, origin: string): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const person = new Person(name, context, page);
    await page.goto(origin);
    return person;
  }

  /** Content-security violations and page errors are failures of the page. */
  private watch(page: Page): void {
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      const isNetwork = /Failed to load resource|WebSocket connection|net::ERR/.test(text);
      if (message.type() === 'error' && !isNetwork) this.errors.push(text);
    });
  }

  /** `email`: with the code that comes to it; only where the relay sends mail. */
  async createAccount(email?: { readonly address: string; readonly mailbox: Mailbox }): Promise<void> {
    const username = this.page.getByRole('textbox', { name: 'Username' });
    const create = this.page.getByRole('button', { name: 'Create account' });
    await username.fill(this.name);
    await this.page.getByLabel('Password', { exact: true }).fill(this.password);
    await create.click();
    if (email !== undefined) {
      const seen = email.mailbox.mailsTo(email.address).length;
      await this.page.getByRole('textbox', { name: 'E-mail' }).fill(email.address);
      await create.click();
      await this.giveCode(await email.mailbox.codeFor(email.address, seen), 'Create account');
    }
    await this.expectSignedIn();
  }

  /** Fills in a code of any kind and goes on. */
  async giveCode(code: string, goOn = 'Continue'): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Code', exact: true }).fill(code);
    await this.page.getByRole('button', { name: goOn, exact: true }).click();
  }

  /** Opens the account sheet and goes from row to row. */
  async openAccount(...rows: readonly string[]): Promise<void> {
    await this.page.getByRole('button', { name: 'Account', exact: true }).click();
    for (const row of rows) await this.page.getByRole('dialog').getByRole('button', { name: row }).click();
    await this.page.getByText('Asking the relay…').waitFor({ state: 'hidden' });
  }

  /** Enters the password for a change, and presses what makes it. */
  async confirm(submit: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your password' }).fill(this.password);
    await this.page.getByRole('button', { name: submit, exact: true }).click();
  }

  async closeSheet(): Promise<void> {
    await this.page.getByRole('button', { name: 'Close' }).click();
  }

  async signIn(password: string = this.password): Promise<void> {
    const signIn = this.page.getByRole('button', { name: 'Sign in', exact: true });
    await expect(signIn).toBeVisible();
    await this.page.getByRole('textbox', { name: 'Username' }).fill(this.name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await signIn.click();
  }

  async expectSignedIn(): Promise<void> {
    await expect(this.page.getByRole('button', { name: 'New conversation' })).toBeVisible({
      timeout: 30_000,
    });
  }

  async open(other: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New conversation' }).click();
    await this.page.getByRole('searchbox', { name: 'Find people' }).fill(other);
    await this.page
      .getByRole('option', { name: other })
      .or(this.page.getByRole('button', { name: other }))
      .first()
      .click();
    await expect(this.message).toBeVisible();
  }

  get message(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get messages(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  get conversations(): Locator {
    return this.page.getByRole('list', { name: 'Conversations' });
  }

  async say(text: string): Promise<void> {
    await this.message.fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
    await this.sees(text);
  }

  async sees(text: string): Promise<void> {
    await expect(this.messages.getByText(text, { exact: true })).toBeVisible();
  }
}
