import type { Config, MailConfig } from '../../config.ts';
import { checkSmtp, chooseSender } from '../../mail/smtp.ts';
import type { DeliveryFailure } from '../../mail/transport.ts';
import { readRedisHealth } from '../../store/redis/health.ts';
import { isFailure, type Operator } from '../messages.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** Whether the store takes a write, by whoever has it open. */
export async function examineStore(operator: Operator, { store }: Config): Promise<Finding> {
  const about = store === 'mongodb' ? 'store (MongoDB)' : 'store';
  const answer = await operator({ command: 'probe' });
  const state = isFailure(answer) ? 'unavailable' : answer.store;
  if (state === 'ok') return ok(about, 'takes writes');
  if (state === 'storage_full') return wrong(about, 'is full', 'Make room; nothing acknowledged is lost');
  return wrong(
    about,
    'takes no writes',
    store === 'mongodb' ? 'Look at the database and its network' : 'Look at the disk',
  );
}

const CLOCKS_APART_MS = 5000;

/** `now`: asked when the server said its own time. */
export async function examineRedis({ redisUrl, store }: Config, now: () => number): Promise<Finding[]> {
  const about = 'Redis';
  if (redisUrl === undefined) {
    if (store !== 'mongodb') return [];
    const mend = 'With more than one relay on this database, set REDIS_URL';
    return [
      warning(
        about,
        'none: a session that ends lasts up to 5 seconds on other relays, and limits count apart',
        mend,
      ),
    ];
  }
  const health = await readRedisHealth(redisUrl);
  if (health === undefined) {
    return [
      wrong(
        about,
        'no server answers at REDIS_URL',
        'Start it, or mend REDIS_URL (name, port, password, rediss:// for TLS)',
      ),
    ];
  }
  const apart = Math.abs(health.time - now());
  const findings = [
    health.eviction === undefined || health.eviction === 'noeviction'
      ? ok(about, 'answers, and forgets nothing')
      : warning(
          about,
          `answers, and when full forgets limits (${health.eviction})`,
          'CONFIG SET maxmemory-policy noeviction',
        ),
  ];
  if (apart > CLOCKS_APART_MS) {
    findings.push(
      warning('clock', `${Math.round(apart / 1000)} s from that of Redis`, 'Let both be kept by NTP'),
    );
  }
  return findings;
}

export async function examineMail(mail: MailConfig | undefined, origin: string): Promise<Finding> {
  const about = 'mail';
  if (mail === undefined) {
    return warning(
      about,
      'none: no codes, and who forgets a password needs a recovery key',
      'Set MAIL_SERVER',
    );
  }
  if (mail.server === 'console') {
    return warning(about, 'printed to the console, for development', 'Set MAIL_SERVER to a mail server');
  }
  const smtp = mail as Exclude<MailConfig, { server: 'console' }>;
  const from = chooseSender(smtp, origin);
  const failure = await checkSmtp({ ...smtp, from });
  if (failure === undefined) return ok(about, `${smtp.server}:${smtp.port} takes mail from ${from}`);
  return wrong(about, ...explainMail(failure));
}

/** What is the matter, and what to do. */
function explainMail({ code, cause, status }: DeliveryFailure): [says: string, mend: string] {
  if (code === 'EAUTH') {
    return [
      `the server refuses the sign-in (${status ?? 'no method'})`,
      'Mend MAIL_USERNAME and MAIL_PASSWORD',
    ];
  }
  if (cause !== undefined && /CERT|SIGNATURE|ALTNAME/.test(cause)) {
    const mend =
      'Use the name in its certificate as MAIL_SERVER, or trust its issuer with NODE_EXTRA_CA_CERTS';
    return [`the certificate of the server is not good (${cause})`, mend];
  }
  if (code === 'ETLS' || cause === 'EPROTO') {
    return [
      'the server speaks no TLS 1.2 there',
      'Set MAIL_PORT: 465 speaks TLS at once, others must offer STARTTLS',
    ];
  }
  if (code === 'EDNS' || cause === 'ENOTFOUND')
    return ['there is no server of that name', 'Mend MAIL_SERVER'];
  return [
    `no mail server answers there (${cause ?? code ?? status ?? 'unknown'})`,
    'Mend MAIL_SERVER and MAIL_PORT, or the firewall',
  ];
}
