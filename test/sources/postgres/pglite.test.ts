import { afterAll, beforeAll, expect, it } from 'vitest';
import { assetsBy, type Collecting, collectAll, edgesOf, logsOf } from '../../support/collect.ts';
import { startPglite } from '../../support/pglite.ts';

/** What works without a PostgreSQL server on the machine: the embedded one, which has one session and no TLS. */
let server: Awaited<ReturnType<typeof startPglite>>;
beforeAll(async () => {
  server = await startPglite(`
    CREATE TABLE orders (id bigint PRIMARY KEY, amount numeric(10,2));
    COMMENT ON COLUMN orders.amount IS 'in EUR';
    INSERT INTO orders SELECT i, i FROM generate_series(1, 1000) i; ANALYZE orders;
    CREATE TABLE drained (id int);
    CREATE VIEW totals AS SELECT sum(amount) AS total FROM orders;
    CREATE MATERIALIZED VIEW kept AS SELECT * FROM totals;`);
});
afterAll(() => server.stop());

const as = (collect: Collecting['collect'], options: Collecting['options'] = {}): Collecting => ({
  type: 'postgres',
  collect,
  options: { host: server.host, port: server.port, user: 'postgres', database: 'postgres', ...options },
});

it('collects metadata from an embedded PostgreSQL', async () => {
  const { nouns, end } = await collectAll(as('metadata', { include: ['postgres.public.*'] }));
  const assets = assetsBy(nouns);
  expect(assets['public.orders']).toMatchObject({
    row_count: '1000',
    fields: [{ type: 'bigint' }, { type: 'numeric(10,2)', description: 'in EUR' }],
  });
  expect(assets['public.drained']).toMatchObject({ row_count: '0' });
  expect(assets['public.totals']).toMatchObject({ type: 'VIEW', view_query: expect.stringContaining('sum(amount)') });
  expect(assets['public.orders']?.last_update_time).toBeUndefined();
  expect(end).toMatchObject({ complete: true, missing: [] });
});

it('collects lineage from it, and runs queries, one session after the other', async () => {
  expect(edgesOf((await collectAll(as('table_lineage'))).nouns)).toEqual([
    'public.orders:TABLE -> public.totals:VIEW',
    'public.totals:VIEW -> public.kept:TABLE',
  ]);
  const connection = { name: 'shop', type: 'postgres', options: as('metadata').options };
  const query = `SELECT timestamptz '2026-01-01 00:00:00.5+00' AS start_time, :to AS end_time, 'SELECT ' || id AS query_text, 9007199254740993 AS big FROM orders ORDER BY id`;
  const { nouns } = await collectAll({
    type: 'sql',
    collect: 'query_logs',
    options: { connection },
    flow: { query },
    to: '2026-01-02T00:00:00.000Z',
  });
  const logs = logsOf(nouns);
  expect(logs).toHaveLength(1000);
  expect(logs[999]).toMatchObject({
    start_time: '2026-01-01T00:00:00.5Z',
    end_time: '2026-01-02T00:00:00Z',
    query_text: 'SELECT 1000',
    extra: { big: 9007199254740993n },
  });
});
