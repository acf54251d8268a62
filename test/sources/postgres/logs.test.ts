import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logTimes } from '../../../src/sources/postgres/log-time.ts';
import { type Collecting, collectAll, logsOf, secret } from '../../support/collect.ts';
import { POSTGRES_BIN, type Postgres, SUPERUSER, startPostgres } from '../../support/postgres.ts';

interface Line {
  readonly time: string;
  readonly message: string;
  readonly session?: string;
  readonly number?: number;
  readonly severity?: string;
  readonly state?: string;
  readonly query?: string;
  readonly database?: string;
  readonly width?: 23 | 24 | 26;
}

const quoted = (text: string): string => (text === '' ? '' : `"${text.replaceAll('"', '""')}"`);

/** A csvlog line as PostgreSQL 12 (23 fields), 13 (24) or 14 and later (26) writes it. */
function csv({
  time,
  message,
  session = 'a1',
  number = 1,
  severity = 'LOG',
  state = '00000',
  query = '',
  database = 'shop',
  width = 26,
}: Line): string {
  const cells = [
    time,
    'ann',
    database,
    '99',
    '127.0.0.1:5000',
    session,
    String(number),
    'SELECT',
    '2026-01-01 00:00:00 UTC',
    '3/1',
    '0',
    severity,
    state,
    message,
    '',
    '',
    '',
    '',
    '',
    query,
    '',
    '',
    'psql',
    'client backend',
    '',
    '0',
  ];
  return cells
    .slice(0, width)
    .map((cell, index) => (index === 0 ? cell : quoted(cell)))
    .join(',');
}

describe('csvlog files', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mc-ingest-csvlog-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  async function logs(lines: readonly string[], more: Partial<Collecting> = {}, settings = {}) {
    await writeFile(join(dir, 'a.csv'), `${lines.join('\n')}\n`);
    const options = { include: ['shop.*.*'], logs: { csv: ['a.csv'], ...settings } };
    return collectAll({ type: 'postgres', options, collect: 'query_logs', dir, to: '2026-06-02T00:00:00Z', ...more });
  }

  it.each([23, 24, 26] as const)('reads durations with their statements from lines of %i fields', async (width) => {
    const text = 'SELECT "a",\n  \'b\' FROM t';
    const { nouns, end } = await logs([
      csv({
        time: '2026-06-01 10:00:02.500 UTC',
        message: `duration: 1500.250 ms  statement: ${text}`,
        number: 7,
        width,
      }),
      csv({ time: '2026-06-01 10:00:03.000 UTC', message: 'duration: 0.100 ms  parse <unnamed>: SELECT $1', width }),
      csv({ time: '2026-06-01 10:00:03.000 UTC', message: 'duration: 0.100 ms  bind <unnamed>: SELECT $1', width }),
      csv({
        time: '2026-06-01 10:00:04.000 UTC',
        message: 'duration: 2.000 ms  execute <unnamed>: SELECT $1',
        number: 9,
        width,
      }),
      csv({ time: '2026-06-01 10:00:05.000 UTC', message: 'checkpoint starting: time', database: '', width }),
    ]);
    expect(nouns).toMatchObject([
      {
        start_time: '2026-06-01T10:00:00.999750Z',
        end_time: '2026-06-01T10:00:02.500000Z',
        query_text: text,
        query_id: 'a1/7',
        user: 'ann',
        extra: { database: 'shop', application_name: 'psql' },
      },
      { start_time: '2026-06-01T10:00:03.998000Z', query_text: 'SELECT $1', query_id: 'a1/9' },
    ]);
    expect(end).toEqual({ complete: true, missing: [], watermark: { to: '2026-06-02T00:00:00Z' } });
  });

  it('pairs a statement with the duration or the error that ends it, session by session', async () => {
    const { nouns } = await logs([
      csv({ time: '2026-06-01 10:00:00.000 UTC', message: 'statement: SELECT slow', session: 's1', number: 1 }),
      csv({ time: '2026-06-01 10:00:01.000 UTC', message: 'statement: SELECT wrong', session: 's2', number: 1 }),
      csv({
        time: '2026-06-01 10:00:02.000 UTC',
        message: 'division by zero',
        session: 's2',
        number: 2,
        severity: 'ERROR',
        state: '22012',
        query: 'SELECT wrong',
      }),
      csv({ time: '2026-06-01 10:00:09.000 UTC', message: 'duration: 9000.000 ms', session: 's1', number: 2 }),
      csv({
        time: '2026-06-01 10:00:10.000 UTC',
        message: 'syntax error',
        session: 's3',
        severity: 'ERROR',
        state: '42601',
        query: 'SELEC 1',
      }),
      csv({ time: '2026-06-01 10:00:11.000 UTC', message: 'statement: SELECT still_running', session: 's4' }),
    ]);
    expect(nouns).toMatchObject([
      {
        start_time: '2026-06-01T10:00:01.000000Z',
        end_time: '2026-06-01T10:00:02.000000Z',
        error_code: '22012',
        error_text: 'division by zero',
        query_text: 'SELECT wrong',
      },
      { start_time: '2026-06-01T10:00:00.000000Z', end_time: '2026-06-01T10:00:09.000000Z', query_text: 'SELECT slow' },
      { query_text: 'SELEC 1', error_code: '42601' },
    ]);
    expect(nouns).toHaveLength(3);
  });

  it('says that an end is not known where the server logs statements only', async () => {
    const { nouns } = await logs([
      csv({ time: '2026-06-01 10:00:00.000 UTC', message: 'statement: SELECT 1', number: 1 }),
      csv({ time: '2026-06-01 10:00:01.000 UTC', message: 'statement: SELECT 2', number: 2 }),
    ]);
    expect(nouns).toMatchObject([
      { query_text: 'SELECT 1', end_time: '2026-06-01T10:00:00.000000Z', extra: { end_time_known: false } },
      { query_text: 'SELECT 2', extra: { end_time_known: false } },
    ]);
  });

  it('keeps to the window by the end of a query, and to the databases that are asked for', async () => {
    const at = (second: string, database = 'shop') =>
      csv({ time: `2026-06-01 10:00:0${second} UTC`, message: `duration: 3000 ms  statement: ${second}`, database });
    const window = { from: '2026-06-01T10:00:01.000Z', to: '2026-06-01T10:00:03.000Z' };
    const { nouns, end } = await logs(
      [at('1.000'), at('1.001'), at('3.000'), at('3.001'), at('2.000', 'other')],
      window,
    );
    expect(logsOf(nouns).map((log) => log.query_text)).toEqual(['1.001', '3.000']);
    expect(end.watermark).toEqual(window);
  });

  it('leaves the line the server is writing for the next time, and refuses what is no csvlog', async () => {
    const whole = csv({ time: '2026-06-01 10:00:01 UTC', message: 'duration: 1 ms  statement: SELECT 1' });
    expect((await logs([whole, whole.slice(0, 30)])).nouns).toHaveLength(1);
    expect((await logs([whole, whole.slice(0, whole.indexOf('SELECT 1'))])).nouns).toHaveLength(1);
    await expect(logs(['a,b', whole])).rejects.toMatchObject({ code: 'MCI621' });
    await expect(logs([whole], {}, { csv: ['none*.csv'] })).rejects.toMatchObject({ code: 'MCI621' });
  });

  it('reads local times only when it knows the time zone', async () => {
    const line = csv({ time: '2026-06-01 12:00:01.000 CEST', message: 'duration: 1000 ms  statement: SELECT 1' });
    await expect(logs([line])).rejects.toMatchObject({ code: 'MCI621', fix: expect.stringContaining('log_timezone') });
    const { nouns } = await logs([line], {}, { timezone: 'Europe/Berlin' });
    expect(nouns).toMatchObject([
      { start_time: '2026-06-01T10:00:00.000000Z', end_time: '2026-06-01T10:00:01.000000Z' },
    ]);
    const berlin = logTimes('Europe/Berlin');
    expect(berlin('2026-10-25 02:30:00.000 CEST')).toBe(Date.UTC(2026, 9, 25, 0, 30) * 1000);
    expect(berlin('2026-10-25 02:30:00.000 CET')).toBe(Date.UTC(2026, 9, 25, 1, 30) * 1000);
    expect(berlin('2026-03-29 03:30:00 CEST')).toBe(Date.UTC(2026, 2, 29, 1, 30) * 1000);
    expect(logTimes('UTC')('2026-01-01 00:00:00.123 +05:30')).toBe((Date.UTC(2025, 11, 31, 18, 30) + 123) * 1000);
  });
});

describe.skipIf(POSTGRES_BIN === null)('query logs of a server (needs a PostgreSQL server)', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({
      conf: [
        "shared_preload_libraries = 'pg_stat_statements'",
        'logging_collector = on',
        "log_destination = 'csvlog'",
        "log_directory = 'csv'",
        'log_file_mode = 0644',
        'log_min_duration_statement = 0',
        "log_timezone = 'UTC'",
      ],
    });
    await server.sql('CREATE DATABASE shop');
    await server.sql('CREATE ROLE reader LOGIN PASSWORD $$pw$$');
    await server.sql('CREATE TABLE orders (id int)', 'shop');
  });
  afterAll(() => server.stop());

  const as = (options: Collecting['options'] = {}, more: Partial<Collecting> = {}): Collecting => ({
    type: 'postgres',
    collect: 'query_logs',
    to: new Date(Date.now() + 60_000).toISOString(),
    ...more,
    options: {
      host: server.host,
      port: server.port,
      user: SUPERUSER.user,
      password: secret(SUPERUSER.password),
      database: 'shop',
      ...options,
    },
  });

  it('asks for the extension, and then sends its sums with the interval they count', async () => {
    await expect(collectAll(as())).rejects.toMatchObject({ code: 'MCI620', fix: expect.stringContaining('csv') });
    await server.sql('CREATE EXTENSION pg_stat_statements', 'shop');
    await server.sql('SELECT pg_stat_statements_reset()', 'shop');
    const before = Date.now() - 5_000;
    for (let run = 0; run < 3; run += 1) await server.sql('SELECT id FROM orders WHERE id < 7', 'shop');
    const { nouns, end } = await collectAll(as());
    const log = logsOf(nouns).find(({ query_text }) => query_text.includes('FROM orders'));
    expect(log).toMatchObject({
      query_text: 'SELECT id FROM orders WHERE id < $1',
      user: 'boss',
      returned_rows: '0',
      extra: { aggregated: true, calls: 3, database: 'shop' },
    });
    expect(Date.parse(String(log?.start_time))).toBeGreaterThan(before);
    expect(Date.parse(String(log?.end_time))).toBeLessThan(Date.now() + 5_000);
    expect(String(log?.start_time) < String(log?.end_time)).toBe(true);
    expect(end).toMatchObject({ complete: true });
    const hidden = await collectAll(as({ user: 'reader', password: secret('pw') }));
    expect(hidden.end).toMatchObject({ complete: false, missing: [expect.stringContaining('pg_read_all_stats')] });
    expect(JSON.stringify(hidden.nouns)).not.toContain('insufficient privilege');
  });

  it('reads what the server itself wrote as csvlog', async () => {
    const started = Date.now();
    const text = `SELECT 'marker ""1""',\n  pg_sleep(0.2)`;
    await server.sql(text, 'shop');
    await server.sql('SELECT broken', 'shop').catch(() => undefined);
    const client = new pg.Client({ host: server.host, port: server.port, database: 'shop', ...SUPERUSER });
    await client.connect();
    await client.query('SELECT $1::text AS bound', ['x']);
    await client.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { nouns } = await collectAll(as({ logs: { csv: [join(server.dir, 'data/csv/*.csv')] } }));
    const logs = logsOf(nouns);
    const marker = logs.find(({ query_text }) => query_text === text);
    expect(marker).toMatchObject({ user: 'boss' });
    const took = Date.parse(String(marker?.end_time)) - Date.parse(String(marker?.start_time));
    expect(took).toBeGreaterThanOrEqual(200);
    expect(Date.parse(String(marker?.start_time))).toBeGreaterThanOrEqual(started - 5);
    expect(logs.find(({ query_text }) => query_text === 'SELECT broken')).toMatchObject({ error_code: '42703' });
    expect(logs.filter(({ query_text }) => query_text === 'SELECT $1::text AS bound')).toHaveLength(1);
    expect(new Set(logs.map(({ query_id }) => query_id)).size).toBe(logs.length);
  });
});
