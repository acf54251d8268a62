import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cli, folder } from '../support/cli.ts';
import { POSTGRES_BIN, type Postgres, SUPERUSER, startPostgres } from '../support/postgres.ts';

const UUID = '11111111-1111-4111-8111-111111111111';

function config(port: number): string {
  return `version: 1
project: shop
resources:
  warehouse: { uuid: "${UUID}", resource_type: transactional-db }
sources:
  shop:
    type: postgres
    resource: warehouse
    host: 127.0.0.1
    port: ${port}
    user: ${SUPERUSER.user}
    password: "\${SHOP_PASSWORD}"
    include: [shop.public.*]
  by_url: { type: postgres, resource: warehouse, url: "\${SHOP_URL}" }
  own: { type: sql, connection: shop }
flows:
  metadata: { source: shop, collect: metadata, every: 1h }
  lineage: { source: shop, collect: table_lineage, every: 12h }
  logs:
    source: own
    collect: query_logs
    every: 1h
    log_type: snowflake
    query: |
      SELECT at AS start_time, at + interval '1 s' AS end_time, text AS query_text, who AS "user", id AS big
      FROM audit WHERE at + interval '1 s' > :from AND at + interval '1 s' <= :to ORDER BY at
  wrong: { source: own, collect: metadata, query: "SELECT 1 AS databse" }
  bad_login: { source: by_url, collect: table_lineage }
`;
}

interface RunDocument {
  readonly exit_code: number;
  readonly changes: readonly {
    readonly key: string;
    readonly status: string;
    readonly because?: string;
    readonly error?: { readonly code: string; readonly message: string };
    readonly collected?: { readonly events: number; readonly complete: boolean; readonly to?: string };
  }[];
}

describe.skipIf(POSTGRES_BIN === null)('collect from PostgreSQL (needs a PostgreSQL server)', () => {
  let server: Postgres;
  let place: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    server = await startPostgres();
    await server.sql('CREATE DATABASE shop');
    await server.sql(
      `CREATE TABLE orders (id bigint, amount numeric(10,2)); CREATE TABLE drained (id int);
       CREATE VIEW totals AS SELECT sum(amount) AS total FROM orders;
       CREATE TABLE audit (at timestamptz, text text, who text, id bigint);
       INSERT INTO audit VALUES ('2026-01-01 00:00:00+00', E'SELECT 1\n', 'ann', 9007199254740993), ('2100-01-01 00:00:00+00', 'later', 'ann', 1);
       INSERT INTO orders SELECT i, i FROM generate_series(1, 500) i; ANALYZE orders`,
      'shop',
    );
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await folder({ 'mc-ingest.yaml': config(server.port) });
  });
  afterEach(() => place.remove());

  const env = (): Record<string, string> => ({
    SHOP_PASSWORD: SUPERUSER.password,
    SHOP_URL: `postgres://boss:not-the-password-9a@127.0.0.1:${server.port}/shop`,
  });
  const collect = async (...flows: string[]) => {
    const ended = await cli(['collect', ...flows, '--format', 'json', '--out', 'out'], { cwd: place.path, env: env() });
    for (const secret of [SUPERUSER.password, 'not-the-password-9a', 'postgres://boss'])
      expect(ended.stdout + ended.stderr).not.toContain(secret);
    return { ...ended, document: JSON.parse(ended.stdout) as RunDocument };
  };
  const manifest = async (document: RunDocument, key: string) => {
    const path = document.changes.find((change) => change.key === key)?.because?.split(';')[0] ?? '';
    const text = await readFile(join(place.path, path.replace(place.path, '.')), 'utf8');
    expect(text).not.toContain(SUPERUSER.password);
    return text.trim().split('\n');
  };

  it('writes manifests of metadata, lineage and query logs', async () => {
    const { document, code, stderr } = await collect('metadata', 'lineage', 'logs');
    expect(code, stderr).toBe(0);
    const tables = await manifest(document, 'flow:metadata');
    expect(tables.find((line) => line.includes('"name":"orders"'))).toContain('"row_count":500');
    expect(tables.find((line) => line.includes('"name":"drained"'))).toContain(
      '"volume":{"row_count":0,"byte_count":0}',
    );
    expect(tables.at(-1)).toContain('"events":4,"complete":true');
    // Without track_commit_timestamp no server knows when a table was last written, and "now" would be a lie.
    expect(tables.join('')).not.toContain('freshness');
    const edges = await manifest(document, 'flow:lineage');
    expect(edges[1]).toBe(
      '{"destination":{"type":"VIEW","name":"totals","database":"shop","schema":"public"},"sources":[{"type":"TABLE","name":"orders","database":"shop","schema":"public"}]}',
    );
    const logs = await manifest(document, 'flow:logs');
    expect(logs.slice(1, -1)).toEqual([
      String.raw`{"start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","query_text":"SELECT 1\n","user":"ann","extra":{"big":9007199254740993}}`,
    ]);
    expect(logs[0]).toContain('"log_type":"snowflake"');
  });

  it('fails a flow with a code and without the secrets', async () => {
    const { document, code } = await collect('wrong', 'bad_login');
    expect(code).not.toBe(0);
    expect(document.changes).toMatchObject([
      { status: 'failed', error: { code: 'MCI630', message: expect.stringContaining('did you mean database?') } },
      { status: 'failed', error: { code: 'MCI612' } },
    ]);
  });

  it('is told by validate what a source cannot do', async () => {
    await writeFile(
      join(place.path, 'mc-ingest.yaml'),
      `${config(server.port)}  columns: { source: shop, collect: column_lineage }\n  queries: { source: shop, collect: query_logs }\n  no_query: { source: own, collect: table_lineage }\n`,
    );
    const ended = await cli(['validate', '--format', 'json'], { cwd: place.path, env: env() });
    const { problems } = JSON.parse(ended.stdout) as {
      problems: readonly { code: string; message: string; line: number }[];
    };
    expect(ended.code).toBe(65);
    expect(problems.map(({ code }) => code).sort()).toEqual(['MCI207', 'MCI208', 'MCI224']);
    expect(problems.find(({ code }) => code === 'MCI208')?.message).toContain('lineage from SQL');
  });
});
