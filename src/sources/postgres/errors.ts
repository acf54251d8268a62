import { McIngestError } from '../../errors.ts';
import type { Settings } from './settings.ts';

interface Seen {
  readonly code: string;
  readonly message: string;
  /** Set on what the server itself said. */
  readonly severity: string | undefined;
}

function seen(error: unknown): Seen {
  if (typeof error !== 'object' || error === null) return { code: '', message: String(error), severity: undefined };
  const of = (key: string): unknown => (key in error ? Reflect.get(error, key) : undefined);
  // Node tries every address of a host and reports them all; the first one tells enough.
  const several = of('errors');
  if (Array.isArray(several) && several.length > 0) return seen(several[0]);
  return {
    code: String(of('code') ?? ''),
    message: String(of('message') ?? ''),
    severity: typeof of('severity') === 'string' ? String(of('severity')) : undefined,
  };
}

/** What the server said, on one line, without a password that stood in a query or a connection string. */
function shown(message: string, { password }: Settings): string {
  const line = message.replace(/\s+/g, ' ').replace(/postgres(?:ql)?:\/\/\S+/gi, 'postgres://***');
  const clean = password === undefined || password.length < 3 ? line : line.replaceAll(password, '***');
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean;
}

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/;
const LOST = /^(ECONNRESET|EPIPE|57P0[1-5]|08...)$/;
const TLS =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|ERR_INVALID_ARG_VALUE)/;

/** What to do about what a server refuses most often in a query of the user's own, or when it is full. */
function refusedFix(code: string, message: string): string | undefined {
  if (code === '25006') return 'the session is read-only: a query reads, and calls nothing that writes';
  if (code === '42601' && message.includes('multiple commands')) return 'write one statement a flow';
  if (/^42(601|P01|703|883)$/.test(code)) return 'try the query in psql, as the same role';
  if (code === '53300') return 'end idle sessions, or raise max_connections or the CONNECTION LIMIT of the role';
  return undefined;
}

/** A code of `codes.ts`, what happened, and what to do about it. */
type Cause = readonly [`MCI${number}`, string, (string | undefined)?];

interface Thrown extends Seen {
  readonly settings: Settings;
  readonly doing: 'connect' | 'read';
}

/** Why there is no connection, or none any more; null: it is something else. */
function connectionCause({ code, message, severity, settings, doing }: Thrown): Cause | null {
  const at = `${settings.host}:${settings.port}`;
  const local = severity === undefined;
  if (TLS.test(code) || (local && /SSL connection|certificate/i.test(message)))
    return ['MCI617', `TLS with ${at} failed: ${shown(message, settings)}`, 'see ssl.mode and ssl.ca of the source'];
  if (UNREACHABLE.test(code) || (doing === 'connect' && local && /timeout/i.test(message))) {
    const fix = 'check host and port, and that the server is up';
    return ['MCI611', `${at} cannot be reached (${code || 'no answer'})`, fix];
  }
  if (code.startsWith('28')) {
    const fix = 'check user and password, and pg_hba.conf of the server';
    return ['MCI612', `the server refused the login of ${settings.user} (${code})`, fix];
  }
  if (local && /password must be|SASL|no password/i.test(message)) {
    const fix = 'give one: password: "${PGPASSWORD}" in the file, the variable PGPASSWORD, or ~/.pgpass (mode 0600)';
    return ['MCI612', `the server refused the login of ${settings.user}: no password was given`, fix];
  }
  if (code === '3D000') {
    const fix = settings.databaseNamed
      ? 'check database and include'
      : 'say which one: database: … in the file, or PGDATABASE';
    return ['MCI613', `there is no database ${settings.database} at ${at}`, fix];
  }
  if (!LOST.test(code) && !(local && /terminated|not queryable|closed/i.test(message))) return null;
  if (doing === 'connect') return ['MCI611', `${at} ended the connection`, 'run it again; nothing was pushed'];
  return ['MCI614', `the connection to ${at} broke while reading`, 'run it again; nothing was pushed'];
}

/** Why the server did not do what it was asked. */
function refusal({ code, message, settings }: Thrown): Cause {
  const said = shown(message, settings);
  if (code === '55P03') {
    const fix = 'run it again when that is over; freshness_scan_bytes: 0 reads no tables';
    return ['MCI615', `a table stayed locked by another session: ${said}`, fix];
  }
  if (code === '57014')
    return ['MCI615', `a query took too long: ${said}`, 'raise statement_timeout, or narrow include'];
  if (code === '42501') return ['MCI616', `${settings.user} may not: ${said}`, 'grant it, or leave it out'];
  return ['MCI618', `the server refused: ${said}${code === '' ? '' : ` (${code})`}`, refusedFix(code, message)];
}

/**
 * What the driver or the server threw, as an error with a code and a fix. The driver's own error is not kept: it may hold
 * the connection string.
 */
export function postgresError(
  error: unknown,
  name: string,
  settings: Settings,
  doing: 'connect' | 'read',
): McIngestError {
  if (error instanceof McIngestError) return error;
  const thrown = { ...seen(error), settings, doing };
  const [id, text, fix] = connectionCause(thrown) ?? refusal(thrown);
  return new McIngestError(id, 'failed', `source ${name}: ${text}`, fix === undefined ? {} : { fix });
}
