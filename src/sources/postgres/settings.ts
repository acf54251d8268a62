import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { McIngestError } from '../../errors.ts';
import { isSecret, type Option } from '../../secret.ts';
import { type TablePattern, tablePatterns } from '../patterns.ts';
import type { OpenOptions } from '../source.ts';

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof MODES)[number];

/** Where to connect and how: settings, else the URL, else the PG* variables, else what libpq takes. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The database was named, not guessed from the role. */
  readonly databaseNamed: boolean;
  readonly password: string | undefined;
  /** Where a password is looked up that is not given otherwise. */
  readonly passwordFile: string | undefined;
  readonly ssl: {
    readonly mode: SslMode;
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds; undefined leaves what the role has. */
  readonly statementTimeout: number | undefined;
  readonly applicationName: string;
  readonly include: readonly TablePattern[];
  readonly exclude: readonly TablePattern[];
}

type Texts = Readonly<Record<string, string | undefined>>;

function wrong(name: string, message: string, fix?: string): McIngestError {
  return new McIngestError('MCI619', 'config', `source ${name}: ${message}`, fix === undefined ? {} : { fix });
}

/** A setting's text; secrets are read now. Empty counts as not set. */
function text(option: Option | undefined): string | undefined {
  if (option === undefined || option === null) return undefined;
  const value = isSecret(option) ? option.reveal() : typeof option === 'object' ? undefined : String(option);
  return value === undefined || value === '' ? undefined : value;
}

/** The parts of a URL. Never shows the URL: it holds the password. */
function urlParts(url: string | undefined, name: string): Texts {
  if (url === undefined) return {};
  try {
    const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url.trim());
    if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new TypeError('scheme');
    return {
      host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
      port,
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      ...Object.fromEntries(searchParams),
    };
  } catch {
    throw wrong(
      name,
      'url cannot be read as postgres://user:password@host:port/database',
      'write @ : / # % of a password as %40 %3A %2F %23 %25',
    );
  }
}

/** PEM text, or the file that holds it. */
function pem(value: string | undefined, what: string, { name, world }: OpenOptions): string | undefined {
  if (value === undefined || value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(resolve(world.dir, value), 'utf8');
  } catch {
    throw wrong(name, `ssl.${what} names a file that cannot be read`, 'a path is relative to the configuration');
  }
}

function whole(value: string | undefined, what: string, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw wrong(name, `${what} is no whole number`);
}

function sslOf(url: Texts, env: Texts, open: OpenOptions): Settings['ssl'] {
  const given = open.options['ssl'];
  const own = typeof given === 'object' && given !== null && !Array.isArray(given) && !isSecret(given) ? given : {};
  const option = (key: string): string | undefined => text((own as Readonly<Record<string, Option>>)[key]);
  const asked = option('mode') ?? url['sslmode'] ?? env['PGSSLMODE'] ?? 'prefer';
  const mode = MODES.find((known) => known === (asked === 'allow' ? 'prefer' : asked));
  if (mode === undefined) throw wrong(open.name, `there is no ssl mode ${asked}`, `one of: ${MODES.join(', ')}`);
  const root = url['sslrootcert'] ?? env['PGSSLROOTCERT'];
  return {
    mode,
    ca: pem(option('ca') ?? (root === 'system' ? undefined : root), 'ca', open),
    cert: pem(option('cert') ?? url['sslcert'] ?? env['PGSSLCERT'], 'cert', open),
    key: pem(option('key') ?? url['sslkey'] ?? env['PGSSLKEY'], 'key', open),
  };
}

/** The settings of a source, with secrets read. Throws MCI619 with the setting's name, never its value. */
export function settingsOf(open: OpenOptions): Settings {
  const { name, options, world } = open;
  const env: Texts = Object.fromEntries(Object.entries(world.env).filter(([, value]) => value !== ''));
  const url: Texts = Object.fromEntries(
    Object.entries(urlParts(text(options['url']), name)).filter(([, value]) => value !== ''),
  );
  const include = tablePatterns(options['include'], `source ${name}: include`);
  const user = text(options['user']) ?? url['user'] ?? env['PGUSER'] ?? env['USER'] ?? 'postgres';
  const first = include.find(({ database }) => database.literal !== null)?.database.literal ?? undefined;
  const named = text(options['database']) ?? url['database'] ?? env['PGDATABASE'];
  const seconds =
    whole(
      text(options['connect_timeout']) ?? url['connect_timeout'] ?? env['PGCONNECT_TIMEOUT'],
      'connect_timeout',
      name,
    ) || 10;
  const limit = whole(text(options['statement_timeout']), 'statement_timeout', name);
  return {
    host: text(options['host']) ?? url['host'] ?? env['PGHOST'] ?? 'localhost',
    port: whole(text(options['port']) ?? url['port'] ?? env['PGPORT'], 'port', name) ?? 5432,
    user,
    database: named ?? first ?? user,
    databaseNamed: named !== undefined,
    password: text(options['password']) ?? url['password'] ?? env['PGPASSWORD'],
    passwordFile: env['PGPASSFILE'] ?? (env['HOME'] === undefined ? undefined : join(env['HOME'], '.pgpass')),
    ssl: sslOf(url, env, open),
    connectTimeout: seconds * 1000,
    statementTimeout: limit === undefined ? undefined : limit * 1000,
    applicationName: text(options['application_name']) ?? url['application_name'] ?? env['PGAPPNAME'] ?? 'mc-ingest',
    include,
    exclude: tablePatterns(options['exclude'], `source ${name}: exclude`),
  };
}
