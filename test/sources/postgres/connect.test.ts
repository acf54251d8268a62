import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { McIngestError } from '../../../src/errors.ts';
import { postgresError } from '../../../src/sources/postgres/errors.ts';
import { passwordFromFile } from '../../../src/sources/postgres/password-file.ts';
import { settingsOf } from '../../../src/sources/postgres/settings.ts';
import { type Collecting, collectAll, secret } from '../../support/collect.ts';
import { POSTGRES_BIN, type Postgres, SUPERUSER, startPostgres } from '../../support/postgres.ts';

const run = promisify(execFile);

/** A certificate for `name` that signs itself. */
async function selfSigned(dir: string, name: string, subject: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const flags = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=mc-ingest test'];
  await run('openssl', [...flags, '-addext', `subjectAltName=${subject}`, '-keyout', key, '-out', cert]);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}

async function failure(collecting: Collecting): Promise<McIngestError> {
  try {
    await collectAll(collecting);
  } catch (error) {
    if (error instanceof McIngestError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Everything of an error that could be printed. */
function whole(error: McIngestError): string {
  return JSON.stringify([error.message, error.fix, error.stack, String(error.cause)]);
}

it('tells a lock of another session from a slow query', () => {
  const settings = settingsOf({
    name: 'shop',
    options: {},
    world: { dir: '/', env: {}, now: () => 0, note: () => undefined },
    signal: new AbortController().signal,
  });
  const said = { code: '55P03', severity: 'ERROR', message: 'canceling statement due to lock timeout' };
  expect(postgresError(said, 'shop', settings, 'read')).toMatchObject({
    code: 'MCI615',
    message: expect.stringContaining('locked by another session'),
    fix: expect.stringContaining('freshness_scan_bytes: 0'),
  });
  expect(postgresError({ ...said, code: '57014' }, 'shop', settings, 'read').message).toContain('took too long');
});

describe.skipIf(POSTGRES_BIN === null)('a connection to PostgreSQL (needs a PostgreSQL server)', () => {
  let dir: string;
  let server: Postgres;
  let certificate: { cert: string; key: string };
  let stranger: { cert: string; key: string };
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mc-ingest-tls-'));
    certificate = await selfSigned(dir, 'server', 'DNS:localhost');
    stranger = await selfSigned(dir, 'stranger', 'DNS:localhost');
    server = await startPostgres({ tls: certificate });
    await server.sql('CREATE TABLE t (id int)');
  });
  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true });
  });

  const as = (options: Collecting['options'] = {}, more: Partial<Collecting> = {}): Collecting => ({
    type: 'postgres',
    collect: 'metadata',
    ...more,
    options: {
      host: 'localhost',
      port: server.port,
      user: SUPERUSER.user,
      password: secret(SUPERUSER.password),
      database: 'postgres',
      ...options,
    },
  });

  it('verifies the server with verify-full: the authority and the host', async () => {
    const good = await collectAll(as({ ssl: { mode: 'verify-full', ca: certificate.cert } }));
    expect(good.nouns).toHaveLength(1);
    const path = await collectAll(as({ ssl: { mode: 'verify-full', ca: 'server.crt' } }, { dir }));
    expect(path.nouns).toHaveLength(1);
    for (const options of [
      { ssl: { mode: 'verify-full', ca: stranger.cert } },
      { ssl: { mode: 'verify-full' } },
      { host: '127.0.0.1', ssl: { mode: 'verify-full', ca: certificate.cert } },
      { ssl: { mode: 'verify-ca', ca: stranger.cert } },
    ])
      expect(await failure(as(options)), JSON.stringify(options)).toMatchObject({ code: 'MCI617' });
    const anyHost = as({ host: '127.0.0.1', ssl: { mode: 'verify-ca', ca: certificate.cert } });
    expect((await collectAll(anyHost)).nouns).toHaveLength(1);
  });

  it('encrypts with require and prefer, and not with disable', async () => {
    const encrypted = async (mode: string): Promise<unknown> => {
      const flow = {
        query: `SELECT 'd' AS database, 's' AS schema, 'n' AS name, 'TABLE' AS type, ssl::text AS description FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
      };
      const connection = { name: 'shop', type: 'postgres', options: as({ ssl: { mode } }).options };
      const { nouns } = await collectAll({ type: 'sql', options: { connection }, collect: 'metadata', flow });
      return nouns[0]?.noun === 'asset' ? nouns[0].description : null;
    };
    expect(await encrypted('require')).toBe('true');
    expect(await encrypted('prefer')).toBe('true');
    expect(await encrypted('disable')).toBe('false');
  });

  it('connects by a URL, and by the PG* variables', async () => {
    const { user, password } = SUPERUSER;
    const url = secret(
      `postgresql://${user}:${encodeURIComponent(password)}@localhost:${server.port}/postgres?sslmode=require`,
    );
    expect((await collectAll({ type: 'postgres', options: { url }, collect: 'metadata' })).nouns).toHaveLength(1);
    const env = {
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: 'postgres',
      PGSSLMODE: 'require',
    };
    expect((await collectAll({ type: 'postgres', options: {}, collect: 'metadata', env })).nouns).toHaveLength(1);
    const refused = { ...env, PGSSLMODE: 'verify-full' };
    expect(await failure({ type: 'postgres', options: {}, collect: 'metadata', env: refused })).toMatchObject({
      code: 'MCI617',
    });
  });

  it('finds a password in the password file, as libpq does, and says where one may be given', async () => {
    const path = join(dir, 'pgpass');
    const at = (PGPASSFILE: string): Collecting => as({ password: '' }, { env: { PGPASSFILE } });
    const lines = ['# a comment', 'elsewhere:*:*:*:wrong', `localhost:${server.port}:other:boss:wrong`];
    await writeFile(path, `${lines.join('\n')}\n*:*:postgres:boss:${SUPERUSER.password}\n*:*:*:*:late\n`, {
      mode: 0o600,
    });
    expect((await collectAll(at(path))).nouns).toHaveLength(1);
    const none = {
      code: 'MCI612',
      message: expect.stringContaining('no password was given'),
      fix: expect.stringContaining('.pgpass'),
    };
    expect(await failure(at(join(dir, 'nothing')))).toMatchObject(none);
    await chmod(path, 0o644);
    expect(await failure(at(path))).toMatchObject(none);
    await chmod(path, 0o600);
    await writeFile(path, 'local\\host:*:*:b\\oss:with\\:colon\\\\\n');
    const login = { host: 'localhost', port: 1, database: 'd', user: 'boss' };
    expect(passwordFromFile(path, login)).toBe('with:colon\\');
    expect(passwordFromFile(path, { ...login, user: 'other' })).toBeUndefined();
  });

  it('says what went wrong, and never the password or the URL', async () => {
    const hidden = 'hunter2-%40-secret';
    const url = `postgres://boss:${hidden}@localhost:${server.port}/postgres`;
    const cases: readonly [Collecting['options'], string, RegExp][] = [
      [as({ password: secret(hidden) }).options, 'MCI612', /refused the login of boss/],
      [{ url: secret(url) }, 'MCI612', /refused the login of boss/],
      [as({ database: 'nowhere' }).options, 'MCI613', /no database nowhere/],
      [as({ port: 1, password: secret(hidden) }).options, 'MCI611', /localhost:1 cannot be reached/],
      [as({ host: 'no-such-host.invalid' }).options, 'MCI611', /no-such-host\.invalid/],
      [{ url: secret(`postgres://boss:${hidden}@[bad/x`) }, 'MCI619', /url cannot be read/],
      [as({ include: ['public.*'] }).options, 'MCI619', /no database\.schema\.table/],
    ];
    for (const [options, code, message] of cases) {
      const error = await failure({ type: 'postgres', collect: 'metadata', options });
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(whole(error)).not.toContain('hunter2');
      expect(whole(error)).not.toContain('postgres://boss');
    }
  });

  it('gives up on a server that never answers', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failure(as({ host: '127.0.0.1', port, connect_timeout: 1 }));
    expect(error).toMatchObject({ code: 'MCI611', fix: expect.any(String) });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const started = Date.now();
    const stopped = await failure(as({ host: '127.0.0.1', port, connect_timeout: 20 }, { signal: stop.signal }));
    expect(stopped).toMatchObject({ code: 'MCI002' });
    expect(Date.now() - started).toBeLessThan(3000);
    silent.close();
  });

  const logs = (query: string, more: Partial<Collecting> = {}, options: Collecting['options'] = {}): Collecting => ({
    type: 'sql',
    collect: 'query_logs',
    to: '2026-02-01T00:00:00Z',
    flow: { query },
    ...more,
    options: { connection: { name: 'shop', type: 'postgres', options: as(options).options } },
  });
  const SERIES = `SELECT now() AS start_time, now() AS end_time, 'q' AS query_text FROM generate_series(1, 500000)`;

  it('reports a connection that is ended in mid-read', async () => {
    let seen = 0;
    const onNoun = async (): Promise<void> => {
      seen += 1;
      if (seen === 1500)
        await server.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mc-ingest'`);
    };
    expect(await failure(logs(SERIES, { onNoun }))).toMatchObject({ code: 'MCI614', exit: 'failed' });
    expect(seen).toBeLessThan(500_000);
  });

  it('reports a query that takes longer than statement_timeout', async () => {
    const query = `SELECT now() AS start_time, now() AS end_time, pg_sleep(20)::text AS query_text`;
    expect(await failure(logs(query, {}, { statement_timeout: 1 }))).toMatchObject({ code: 'MCI615' });
  });

  it('ends at once when it is interrupted', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const query = `SELECT now() AS start_time, now() AS end_time, pg_sleep(20)::text AS query_text`;
    const started = Date.now();
    expect(await failure(logs(query, { signal: stop.signal }))).toMatchObject({ code: 'MCI002', exit: 'interrupted' });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('writes nothing: the session is read-only', async () => {
    const query = `WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT now() AS start_time, now() AS end_time, id::text AS query_text FROM x`;
    expect(await failure(logs(query))).toMatchObject({ code: 'MCI618', message: expect.stringContaining('read-only') });
    const two = `SELECT now() AS start_time, now() AS end_time, 'q' AS query_text; DROP TABLE t`;
    expect(await failure(logs(two))).toMatchObject({ code: 'MCI618' });
    expect(await server.sql('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
  });

  it('survives a COPY in the place of a query, out and in', async () => {
    const gone = await failure(logs(`COPY (SELECT generate_series(1, 5000)) TO STDOUT`));
    expect(gone).toMatchObject({ code: 'MCI630', message: expect.stringContaining('start_time is missing') });
    expect((await failure(logs('COPY t FROM STDIN'))).message).toContain('read-only');
  });

  it('says what to do about a query that is refused, and about a server that is full', async () => {
    const fixes: readonly [string, RegExp][] = [
      ['CREATE TABLE made (id int)', /read-only/],
      [`SELECT 1; SELECT 2`, /one statement/],
      ['SELECT nothing FROM nowhere', /psql/],
    ];
    for (const [query, fix] of fixes)
      expect(await failure(logs(query))).toMatchObject({ code: 'MCI618', fix: expect.stringMatching(fix) });
    await server.sql(`CREATE ROLE single LOGIN PASSWORD 'pw-of-single' CONNECTION LIMIT 0`);
    const full = await failure(as({ user: 'single', password: secret('pw-of-single') }));
    expect(full).toMatchObject({ code: 'MCI618', fix: expect.stringContaining('CONNECTION LIMIT') });
  });

  it('gives arrays, and what is no number, without a loss and without the time zone of this machine', async () => {
    const query = `SELECT now() AS start_time, now() AS end_time, 'q' AS query_text, ARRAY[9007199254740993] AS ints,
      '{1.50,12345678901234567890.123,NULL}'::numeric[] AS decimals, '{2026-01-01,infinity}'::date[] AS days,
      '{2026-01-01 00:00:00.123456+01}'::timestamptz[] AS times, 'NaN'::float8 AS nan, '{-Infinity,1.5}'::float8[] AS floats,
      'NaN'::numeric AS no_number, '{{1,2},{3,4}}'::int[] AS deep, '{"{\\"a\\":1}"}'::jsonb[] AS documents`;
    const { nouns } = await collectAll(logs(query));
    expect(nouns).toMatchObject([
      {
        extra: {
          ints: [9007199254740993n],
          decimals: ['1.50', '12345678901234567890.123', null],
          days: ['2026-01-01', 'infinity'],
          times: ['2025-12-31T23:00:00.123456Z'],
          nan: 'NaN',
          floats: ['-Infinity', 1.5],
          no_number: 'NaN',
          deep: [
            [1, 2],
            [3, 4],
          ],
          documents: [{ a: 1 }],
        },
      },
    ]);
  });

  it('reads in one snapshot that cannot write', async () => {
    const query = `SELECT now() AS start_time, now() AS end_time, current_setting('transaction_read_only') AS query_text,
      current_setting('default_transaction_read_only') AS by_default, current_setting('transaction_isolation') AS level`;
    const { nouns } = await collectAll(logs(query));
    expect(nouns).toMatchObject([{ query_text: 'on', extra: { by_default: 'on', level: 'repeatable read' } }]);
  });

  it('leaves no session behind', async () => {
    await collectAll(as());
    const [row] = await server.sql(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'mc-ingest' AND state <> 'active'`,
    );
    expect(row).toEqual({ n: 0 });
  });
});
