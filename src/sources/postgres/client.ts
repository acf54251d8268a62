import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { ClientConfig, CustomTypesConfig, Client as PgClient, QueryResult } from 'pg';
import { McIngestError } from '../../errors.ts';
import type { Row } from '../connection.ts';
import { postgresError } from './errors.ts';
import { passwordFromFile } from './password-file.ts';
import type { Settings } from './settings.ts';
import { elementOf, parserOf } from './values.ts';

const BATCH = 1000;

/** One read-only transaction in UTC: what is read in it belongs together, whatever others write meanwhile. */
export interface Client {
  readonly settings: Settings;
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Streams a result through a cursor, a thousand rows at a time. Nothing else may run on the session meanwhile. */
  stream(
    text: string,
    values?: readonly unknown[],
  ): Promise<{
    readonly columns: readonly string[];
    readonly rows: AsyncGenerator<readonly Row[]>;
  }>;
  close(): Promise<void>;
}

export interface Drivers {
  readonly pg: typeof import('pg').default;
  readonly Cursor: typeof import('pg-cursor');
}

/** Loads pg and pg-cursor. Throws MCI610 with the packages to install when they are missing. */
export async function loadDrivers(): Promise<Drivers> {
  try {
    const [pg, cursor] = await Promise.all([import('pg'), import('pg-cursor')]);
    return { pg: pg.default, Cursor: cursor.default };
  } catch (cause) {
    throw new McIngestError('MCI610', 'failed', 'the PostgreSQL driver is not installed', {
      fix: 'npm install pg pg-cursor',
      cause,
    });
  }
}

/** What TLS checks, by mode. The host is checked by the name that was asked for, an address too. */
function tlsOf({ ssl: { mode, ca, cert, key }, host }: Settings): ConnectionOptions | false {
  if (mode === 'disable' || host.startsWith('/')) return false;
  const verified = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== undefined);
  return {
    rejectUnauthorized: verified,
    checkServerIdentity: (_name, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

const TEXT_ARRAY: number = 1009;

/** Reads the elements of an array that the driver took apart, at any depth. */
function eachElement(value: unknown, parser: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => eachElement(item, parser));
  return value === null ? null : parser(String(value));
}

/** The driver's parsers, with ours where its own lose something. A cursor needs them too: it does not ask its client. */
function typesOf({ pg }: Drivers): CustomTypesConfig {
  const texts = pg.types.getTypeParser(TEXT_ARRAY, 'text');
  const arrays = (oid: number): ((text: string) => unknown) | null => {
    const parser = parserOf(elementOf(oid) ?? 0);
    return parser === null ? null : (text) => eachElement(texts(text), parser);
  };
  const getTypeParser = (oid: number, format?: 'text'): ((text: string) => unknown) =>
    parserOf(oid) ?? arrays(oid) ?? pg.types.getTypeParser(oid, format);
  return { getTypeParser: getTypeParser as CustomTypesConfig['getTypeParser'] };
}

function clientConfig(settings: Settings, ssl: ConnectionOptions | false, drivers: Drivers): ClientConfig {
  const { host, port, user, database, applicationName, passwordFile } = settings;
  const found = passwordFile === undefined ? undefined : passwordFromFile(passwordFile, settings);
  const password = settings.password ?? found ?? '';
  return {
    host,
    port,
    user,
    database,
    ssl,
    // As a function: with none at all the driver would look for one by itself.
    password: () => password,
    application_name: applicationName,
    connectionTimeoutMillis: settings.connectTimeout,
    keepAlive: true,
    types: typesOf(drivers),
  };
}

/** All of a connection happens in one snapshot that cannot write. */
const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * Times are UTC, a table that is locked for a minute ends the query instead of hanging it, and a server that can notice it
 * ends the query when this program is gone. All of it for the transaction only: behind a pooler the session is somebody
 * else's afterwards.
 */
const SESSION = `SELECT set_config('default_transaction_read_only', 'on', true), set_config('TimeZone', 'UTC', true),
  set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'iso_8601', true), set_config('bytea_output', 'hex', true),
  set_config('lock_timeout', '60s', true),
  CASE WHEN $1::text IS NOT NULL THEN set_config('statement_timeout', $1, true) END,
  (SELECT set_config(name, '5000', true) FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval')`;

function aborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  return { promise, forget: () => signal.removeEventListener('abort', stop) };
}

async function started(config: ClientConfig, { pg }: Drivers, signal: AbortSignal): Promise<PgClient> {
  const client = new pg.Client(config);
  // An error between two queries has nobody waiting for it; the next query reports it.
  client.on('error', () => undefined);
  const abort = aborted(signal);
  try {
    await Promise.race([client.connect(), abort.promise]);
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  } finally {
    abort.forget();
  }
}

const TRIES = 4;
const PAUSE = 150;

/**
 * Logs in; with `prefer` without TLS when the server has none. A server that takes one session at a time, or that is just
 * being replaced, hangs up for a moment: it is asked again.
 */
async function login(settings: Settings, drivers: Drivers, signal: AbortSignal): Promise<PgClient> {
  let ssl = tlsOf(settings);
  for (let tries = 1; ; tries += 1)
    try {
      return await started(clientConfig(settings, ssl, drivers), drivers, signal);
    } catch (error) {
      const without = ssl !== false && settings.ssl.mode === 'prefer' && /does not support SSL/i.test(String(error));
      const hungUp = /terminated unexpectedly|ECONNRESET/i.test(String(error));
      if (signal.aborted || tries >= TRIES || !(without || hungUp)) throw error;
      if (without) ssl = false;
      if (hungUp) await sleep(PAUSE * tries);
    }
}

interface Opening {
  readonly name: string;
  readonly settings: Settings;
  readonly drivers: Drivers;
  readonly signal: AbortSignal;
}

function refuseCopy(connection: { sendCopyFail(why: string): void }): void {
  connection.sendCopyFail('a query reads');
}

function streamer(client: PgClient, drivers: Drivers, failed: (error: unknown) => McIngestError) {
  return async (text: string, values: readonly unknown[] = []): ReturnType<Client['stream']> => {
    const cursor = client.query(new drivers.Cursor<Row>(text, [...values], { types: typesOf(drivers) }));
    // A COPY is no result: without these the driver would throw where nobody can catch it.
    Object.assign(cursor, { handleCopyData: () => undefined, handleCopyInResponse: refuseCopy });
    const read = (): Promise<{ readonly rows: readonly Row[]; readonly columns: readonly string[] }> =>
      new Promise((resolve, reject) =>
        // Behind the last row the driver gives no result at all.
        cursor.read(BATCH, (error, rows, result?: QueryResult) => {
          if (error) reject(failed(error));
          else resolve({ rows, columns: result?.fields.map(({ name }) => name) ?? [] });
        }),
      );
    const first = await read();
    // A cursor that is not read to its end goes with its session. Closing it on a connection that broke would wait forever.
    async function* batches(): AsyncGenerator<readonly Row[]> {
      for (let rows = first.rows; rows.length > 0; rows = (await read()).rows) yield rows;
    }
    return { columns: first.columns, rows: batches() };
  };
}

/** Logs in. Throws an error of `postgresError`. An abort ends the connection at once. */
export async function openClient({ name, settings, drivers, signal }: Opening): Promise<Client> {
  const failed = (error: unknown, doing: 'connect' | 'read' = 'read'): McIngestError =>
    signal.aborted
      ? new McIngestError('MCI002', 'interrupted', `source ${name}: interrupted`)
      : postgresError(error, name, settings, doing);
  let client: PgClient;
  try {
    client = await login(settings, drivers, signal);
  } catch (error) {
    throw failed(error, 'connect');
  }
  const stop = (): void => void client.end().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const query: Client['query'] = async (text, values = []) => {
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw failed(error);
    }
  };
  const { statementTimeout } = settings;
  try {
    await query(SNAPSHOT);
    await query(SESSION, [statementTimeout === undefined ? null : String(statementTimeout)]);
  } catch (error) {
    stop();
    throw error;
  }
  return {
    settings,
    query,
    stream: streamer(client, drivers, failed),
    async close() {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    },
  };
}
