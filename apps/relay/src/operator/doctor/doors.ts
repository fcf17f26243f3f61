import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { isLoopback } from '../../mail/smtp.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** How people get in: address, proxy, page, and who may make an account. `boundTo`: what passwords are bound to. */
export function examineDoors(
  config: Config,
  { origin, boundTo, pageFolder }: { origin: string; boundTo: string | undefined; pageFolder: string },
): Finding[] {
  return [
    examineAddress(config, origin),
    examineBinding(origin, boundTo),
    ...examineProxy(config),
    existsSync(join(pageFolder, 'index.html'))
      ? ok('page', 'built')
      : wrong(
          'page',
          'is not built: browsers get nothing',
          '`npm start` builds it, as does `npm run build -w @sotto/web`',
        ),
    examineRegistration(config),
  ];
}

function isOpenToOthers({ publicUrl, host }: Config): boolean {
  return publicUrl?.startsWith('https:') === true || !isLoopback(host);
}

function examineAddress(config: Config, origin: string): Finding {
  if (config.publicUrl === undefined && !isLoopback(config.host)) {
    return wrong(
      'address',
      `HOST lets others in, who cannot use ${origin}`,
      'Set PUBLIC_URL to the https address that people type: browsers have no cryptography for pages without TLS',
    );
  }
  return ok('address', origin.startsWith('https:') ? origin : `${origin}, for this machine alone`);
}

function examineBinding(origin: string, boundTo: string | undefined): Finding {
  if (boundTo === undefined || boundTo === origin) return ok('passwords', `bound to ${boundTo ?? origin}`);
  return wrong(
    'passwords',
    `they were made for ${boundTo} and open nothing at ${origin}`,
    `Set PUBLIC_URL=${boundTo}, or have everybody sign up again`,
  );
}

function examineProxy({ publicUrl, trustedProxies }: Config): Finding[] {
  if (publicUrl?.startsWith('https:') !== true) return [];
  if (trustedProxies.length > 0) return [ok('proxy', `trusted: ${trustedProxies.join(', ')}`)];
  return [
    warning(
      'proxy',
      'none is trusted, so that all visitors count as one and wait for each other',
      'Name the reverse proxy that has the TLS in SOTTO_TRUSTED_PROXIES',
    ),
  ];
}

function examineRegistration(config: Config): Finding {
  const about = 'registration';
  if (config.registration === 'closed') return ok(about, 'closed');
  if (config.registration === 'invite') return ok(about, 'by invitation: `sotto invite` makes one');
  if (config.requireEmail) return ok(about, 'open, with an address that is proved');
  if (!isOpenToOthers(config)) return ok(about, 'open');
  return warning(
    about,
    'open to everybody, without an address: a proof of work and SOTTO_REGISTRATIONS_PER_HOUR are all that slows strangers',
    'Set SOTTO_REGISTRATION=invite, or MAIL_SERVER and SOTTO_REQUIRE_EMAIL=1',
  );
}
