import type { Page, Worker } from '@playwright/test';

/**
 * Watches the secrets a page's worker makes: every run of random bytes of 32 or more that it draws, and every private
 * key it exports from WebCrypto. All private keys of Sotto come from one of the two.
 */
export class SecretWatch {
  private readonly workers = new Set<Worker>();
  private readonly drawn = new Set<string>();
  private readonly exported = new Set<string>();

  /** Call before the page makes any key. */
  static async on(page: Page): Promise<SecretWatch> {
    const watch = new SecretWatch();
    const attach = async (worker: Worker) => {
      await worker.evaluate(watchSecrets);
      watch.workers.add(worker);
      worker.on('close', () => watch.workers.delete(worker));
    };
    await Promise.all(page.workers().map(attach));
    page.on('worker', (worker) => void attach(worker));
    return watch;
  }

  /** Lower-case hexadecimal, of all workers so far. Call it before a page is closed or reloaded, too. */
  async collect(): Promise<{ readonly drawn: ReadonlySet<string>; readonly exported: ReadonlySet<string> }> {
    for (const worker of this.workers) {
      const { drawn, exported } = await worker.evaluate(() => globalThis.watchedSecrets);
      for (const secret of drawn) this.drawn.add(secret);
      for (const secret of exported) this.exported.add(secret);
    }
    return { drawn: this.drawn, exported: this.exported };
  }
}

declare global {
  var watchedSecrets: { drawn: string[]; exported: string[] };
}

/** Runs inside the worker. */
function watchSecrets(): void {
  const secrets: { drawn: string[]; exported: string[] } = { drawn: [], exported: [] };
  globalThis.watchedSecrets = secrets;
  const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const draw = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = <T extends ArrayBufferView | null>(into: T): T => {
    const filled = draw(into as never) as T;
    if (filled !== null && filled.byteLength >= 32) {
      secrets.drawn.push(hex(new Uint8Array(filled.buffer, filled.byteOffset, filled.byteLength).slice()));
    }
    return filled;
  };
  const exportKey = crypto.subtle.exportKey.bind(crypto.subtle);
  crypto.subtle.exportKey = (async (format: 'pkcs8' | 'raw', key: CryptoKey) => {
    const exported = await exportKey(format, key);
    // The key proper is the last 32 bytes of a PKCS #8 Ed25519 or X25519 key (RFC 8410 §7).
    if (key.type === 'private' && exported instanceof ArrayBuffer)
      secrets.exported.push(hex(new Uint8Array(exported).slice(-32)));
    return exported;
  }) as typeof crypto.subtle.exportKey;
}
