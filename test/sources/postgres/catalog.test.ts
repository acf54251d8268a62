import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Noun } from '../../../src/model.ts';
import { eventLine } from '../../../src/montecarlo/wire.ts';
import { assetsBy, type Collecting, collectAll, edgesOf, secret } from '../../support/collect.ts';
import { POSTGRES_BIN, type Postgres, startPostgres } from '../../support/postgres.ts';

const ODD = 'O"dd. Näme\nwith 😀';

function lineOf(noun: Noun | undefined): string {
  if (noun === undefined) throw new Error('nothing was collected');
  return eventLine('metadata', noun);
}

const SETUP = `
CREATE ROLE reader LOGIN PASSWORD 'pw-of-reader';
CREATE SCHEMA sales; CREATE SCHEMA hr; CREATE SCHEMA "Odd.Schema";
CREATE TABLE public.orders (id bigint PRIMARY KEY, amount numeric(10,2), note varchar(20) NOT NULL DEFAULT '', at timestamptz, tags text[], gone int);
ALTER TABLE public.orders DROP COLUMN gone;
COMMENT ON TABLE public.orders IS 'What was ordered';
COMMENT ON COLUMN public.orders.amount IS 'in EUR';
INSERT INTO public.orders SELECT i, i, 'n', now(), '{}' FROM generate_series(1, 1000) i;
CREATE TABLE public.empty_table (id int);
CREATE TABLE public.never_analysed (id int); INSERT INTO public.never_analysed VALUES (1);
CREATE TABLE sales.events (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE sales.events_1 PARTITION OF sales.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY RANGE (day);
CREATE TABLE sales.events_1a PARTITION OF sales.events_1 FOR VALUES FROM ('2026-01-01') TO ('2026-01-15');
CREATE TABLE sales.events_2 PARTITION OF sales.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO sales.events SELECT i, '2026-01-02' FROM generate_series(1, 30) i;
INSERT INTO sales.events SELECT i, '2026-02-02' FROM generate_series(1, 12) i;
CREATE TABLE sales.no_parts (id int) PARTITION BY LIST (id);
CREATE VIEW public.big_orders AS SELECT o.id, e.day FROM orders o JOIN sales.events e ON e.id = o.id;
CREATE VIEW sales.on_view AS SELECT * FROM public.big_orders;
CREATE MATERIALIZED VIEW sales.totals AS SELECT count(*) AS n FROM public.orders;
CREATE MATERIALIZED VIEW sales.unfilled AS SELECT 1 AS n FROM public.orders WITH NO DATA;
CREATE VIEW sales.on_partition AS SELECT * FROM sales.events_2;
CREATE VIEW sales.activity AS SELECT * FROM pg_catalog.pg_stat_activity;
CREATE VIEW sales.fails_when_read AS SELECT 1 / 0 AS x, id FROM public.orders;
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.passwd (line text) SERVER files OPTIONS (filename '/nonexistent');
CREATE VIEW public.on_foreign AS SELECT * FROM public.passwd;
CREATE TABLE "Odd.Schema"."O""dd. Näme
with 😀" ("c""1. x" int);
CREATE TABLE hr.salaries (id int);
CREATE SEQUENCE public.seq;
CREATE INDEX ON public.orders (at);
GRANT USAGE ON SCHEMA sales, "Odd.Schema" TO reader;
CREATE DATABASE other; CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM public;
`;

describe.skipIf(POSTGRES_BIN === null)('a PostgreSQL catalog (needs a PostgreSQL server)', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ conf: ['track_commit_timestamp = on'] });
    await server.sql('CREATE DATABASE shop');
    for (const statement of SETUP.split(/;\n|; (?=CREATE DATABASE|REVOKE)/))
      if (statement.trim() !== '') await server.sql(statement, 'shop');
    await server.sql('CREATE TABLE elsewhere (id int)', 'other');
    await server.sql(
      'ANALYZE public.orders; ANALYZE sales.events_1a; ANALYZE sales.events_2; ANALYZE sales.totals',
      'shop',
    );
  });
  afterAll(() => server.stop());

  const as = (more: Partial<Collecting> & Pick<Collecting, 'collect'>, options = {}): Collecting => ({
    type: 'postgres',
    ...more,
    options: {
      host: server.host,
      port: server.port,
      user: 'reader',
      password: secret('pw-of-reader'),
      database: 'shop',
      ...options,
    },
  });

  it('sends columns with full types, comments, estimates and bytes', async () => {
    const { nouns } = await collectAll(as({ collect: 'metadata' }));
    const { 'public.orders': orders } = assetsBy(nouns);
    expect(orders).toMatchObject({
      type: 'TABLE',
      database: 'shop',
      description: 'What was ordered',
      row_count: '1000',
    });
    expect(orders?.fields).toEqual([
      { name: 'id', type: 'bigint', description: undefined },
      { name: 'amount', type: 'numeric(10,2)', description: 'in EUR' },
      { name: 'note', type: 'character varying(20)', description: undefined },
      { name: 'at', type: 'timestamp with time zone', description: undefined },
      { name: 'tags', type: 'text[]', description: undefined },
    ]);
    const [size] = await server.sql(`SELECT pg_total_relation_size('public.orders')::text AS n`, 'shop');
    expect(orders?.byte_count).toBe(size?.['n']);
    expect(orders?.created_on).toBeUndefined();
  });

  it('sends an empty table with zero rows, and no count for one that was never looked at', async () => {
    const assets = assetsBy((await collectAll(as({ collect: 'metadata' }))).nouns);
    expect(assets['public.empty_table']).toMatchObject({ row_count: '0', byte_count: '0' });
    expect(assets['public.never_analysed']?.row_count).toBeUndefined();
    expect(Number(assets['public.never_analysed']?.byte_count)).toBeGreaterThan(0);
    expect(lineOf(assets['public.empty_table'])).toContain('"volume":{"row_count":0,"byte_count":0}');
  });

  it('sends a partitioned table once, with the sums of its partitions', async () => {
    const assets = assetsBy((await collectAll(as({ collect: 'metadata' }))).nouns);
    expect(assets['sales.events']).toMatchObject({ type: 'TABLE', row_count: '42' });
    const [size] = await server.sql(
      `SELECT sum(pg_total_relation_size(relid))::text AS n FROM pg_partition_tree('sales.events')`,
      'shop',
    );
    expect(assets['sales.events']?.byte_count).toBe(size?.['n']);
    expect(assets['sales.no_parts']).toMatchObject({ row_count: '0', byte_count: '0' });
    for (const part of ['events_1', 'events_1a', 'events_2']) expect(assets).not.toHaveProperty([`sales.${part}`]);
  });

  it('tells views, materialised views and foreign tables apart', async () => {
    const assets = assetsBy((await collectAll(as({ collect: 'metadata' }))).nouns);
    expect(assets['public.big_orders']).toMatchObject({ type: 'VIEW' });
    expect(assets['public.big_orders']?.view_query).toMatch(/FROM public\.orders o\s+JOIN sales\.events e/);
    for (const member of ['row_count', 'byte_count', 'last_update_time'] as const)
      expect(assets['public.big_orders']?.[member]).toBeUndefined();
    expect(assets['sales.totals']).toMatchObject({ type: 'TABLE', row_count: '1' });
    expect(assets['sales.totals']?.view_query).toContain('count(*)');
    expect(assets['sales.unfilled']?.row_count).toBeUndefined();
    expect(assets['public.passwd']).toMatchObject({ type: 'TABLE', fields: [{ name: 'line', type: 'text' }] });
    expect(assets['public.passwd']?.byte_count).toBeUndefined();
    expect(assets['sales.fails_when_read']?.fields).toHaveLength(2);
    expect(assets).not.toHaveProperty(['public.seq']);
    expect(Object.keys(assets).filter((name) => /^(pg_|information_schema)/.test(name))).toEqual([]);
  });

  it('keeps names with quotes, dots, line breaks and emoji as they are', async () => {
    const options = { include: ['shop."Odd.Schema".*'] };
    const { nouns } = await collectAll(as({ collect: 'metadata' }, options));
    expect(nouns).toMatchObject([{ schema: 'Odd.Schema', name: ODD, fields: [{ name: 'c"1. x', type: 'integer' }] }]);
    const exact = { include: [`shop."Odd.Schema"."${ODD.replaceAll('"', '""')}"`] };
    expect((await collectAll(as({ collect: 'metadata' }, exact))).nouns).toHaveLength(1);
    const line = lineOf(nouns[0]);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ relational_asset: { metadata: { name: ODD } } });
  });

  it('says that a schema without USAGE is missing, and tells nothing of it', async () => {
    const all = await collectAll(as({ collect: 'metadata' }));
    expect(all.end).toMatchObject({ complete: false, missing: ['schema shop.hr: no USAGE for role reader'] });
    expect(assetsBy(all.nouns)).not.toHaveProperty(['hr.salaries']);
    const some = await collectAll(as({ collect: 'metadata' }, { include: ['shop.*.*'], exclude: ['*.hr.*'] }));
    expect(some.end).toMatchObject({ complete: true, missing: [] });
    const typo = await collectAll(as({ collect: 'metadata' }, { include: ['shop.pubic.*', 'shop.PUBLIC.nothing'] }));
    expect(typo.end).toMatchObject({ complete: false, missing: ['include shop.pubic.*: there is no such schema'] });
    const anywhere = await collectAll(as({ collect: 'metadata' }, { include: ['sho*.pubic.*'] }));
    expect(anywhere.end.complete).toBe(true);
  });

  it('takes freshness from commit timestamps, only where the role may read them', async () => {
    const before = await collectAll(as({ collect: 'metadata' }));
    expect(assetsBy(before.nouns)['public.orders']?.last_update_time).toBeUndefined();
    await server.sql('GRANT SELECT ON ALL TABLES IN SCHEMA public, sales TO reader', 'shop');
    const assets = assetsBy((await collectAll(as({ collect: 'metadata' }))).nouns);
    const [truth] = await server.sql(
      `SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::text AS t FROM public.orders`,
      'shop',
    );
    expect(Date.parse(String(assets['public.orders']?.last_update_time))).toBe(Math.floor(Number(truth?.['t']) * 1000));
    expect(assets['sales.events']?.last_update_time).toMatch(/^2\d{3}-.*Z$/);
    expect(assets['public.empty_table']?.last_update_time).toBeUndefined();
    const none = await collectAll(as({ collect: 'metadata' }, { freshness_scan_bytes: 0 }));
    expect(assetsBy(none.nouns)['public.orders']?.last_update_time).toBeUndefined();
  });

  it('sends no columns in a collect of counts and freshness', async () => {
    const assets = assetsBy((await collectAll(as({ collect: 'metadata', mode: 'volume_freshness' }))).nouns);
    expect(assets['public.orders']).toMatchObject({ row_count: '1000', fields: undefined });
    expect(assets['public.big_orders']?.view_query).toBeUndefined();
  });

  it('draws direct edges of views, over schemas, through partitions and materialised views', async () => {
    const { nouns, end } = await collectAll(as({ collect: 'table_lineage' }));
    expect(edgesOf(nouns)).toEqual([
      'public.big_orders:VIEW -> sales.on_view:VIEW',
      'public.orders:TABLE -> public.big_orders:VIEW',
      'public.orders:TABLE -> sales.fails_when_read:VIEW',
      'public.orders:TABLE -> sales.totals:TABLE',
      'public.orders:TABLE -> sales.unfilled:TABLE',
      'public.passwd:TABLE -> public.on_foreign:VIEW',
      'sales.events:TABLE -> public.big_orders:VIEW',
      'sales.events:TABLE -> sales.on_partition:VIEW',
    ]);
    expect(nouns.filter((noun) => noun.noun === 'lineage' && noun.destination.name === 'big_orders')).toHaveLength(1);
    expect(end.complete).toBe(false);
  });

  it('keeps a source that the patterns leave out', async () => {
    const { nouns } = await collectAll(as({ collect: 'table_lineage' }, { include: ['shop.sales.on_view'] }));
    expect(edgesOf(nouns)).toEqual(['public.big_orders:VIEW -> sales.on_view:VIEW']);
  });

  it('folds case in patterns, except in quotes', async () => {
    const names = async (include: string[]) =>
      (await collectAll(as({ collect: 'metadata' }, { include }))).nouns.length;
    expect(await names(['SHOP.PUBLIC.ORD*'])).toBe(1);
    expect(await names(['shop."PUBLIC".*'])).toBe(0);
    expect(await names(['shop.public.order_'])).toBe(0);
  });

  it('goes through several databases, and says which one it may not enter', async () => {
    const { nouns, end } = await collectAll(as({ collect: 'metadata' }, { include: ['*.public.*'] }));
    expect(nouns.some((noun) => noun.noun === 'asset' && noun.database === 'other' && noun.name === 'elsewhere')).toBe(
      true,
    );
    expect(nouns.some((noun) => noun.noun === 'asset' && noun.database === 'shop')).toBe(true);
    expect(end).toMatchObject({ complete: false, missing: ['database closed: no CONNECT for role reader'] });
    const typo = collectAll(as({ collect: 'metadata' }, { include: ['shpo.public.*'] }));
    await expect(typo).rejects.toMatchObject({ code: 'MCI613', fix: expect.stringContaining('shop') });
  });

  it('reads more than a page of tables, each once', async () => {
    await server.sql(
      `CREATE SCHEMA many; GRANT USAGE ON SCHEMA many TO reader; DO $$ BEGIN FOR i IN 1..450 LOOP EXECUTE format('CREATE TABLE many.t%s (a int, b text)', i); END LOOP; END $$`,
      'shop',
    );
    const { nouns } = await collectAll(as({ collect: 'metadata' }, { include: ['shop.many.*'] }));
    expect(Object.keys(assetsBy(nouns))).toHaveLength(450);
    expect(nouns).toHaveLength(450);
    expect(nouns.every((noun) => noun.noun === 'asset' && noun.fields?.length === 2)).toBe(true);
  });

  it('sends a view whose text cannot be read without it, and says so', async () => {
    await server.sql(
      `CREATE SCHEMA broken; GRANT USAGE ON SCHEMA broken TO reader;
      CREATE TABLE broken.base (id int); CREATE VIEW broken.first AS SELECT id FROM broken.base; CREATE VIEW broken.second AS SELECT * FROM broken.first;
      DELETE FROM pg_depend WHERE refobjid = 'broken.base'::regclass AND classid = 'pg_rewrite'::regclass; DROP TABLE broken.base`,
      'shop',
    );
    const { nouns, end } = await collectAll(
      as({ collect: 'metadata' }, { include: ['shop.broken.*', 'shop.public.big_orders'] }),
    );
    const assets = assetsBy(nouns);
    expect(assets['broken.first']).toMatchObject({ type: 'VIEW', view_query: undefined, fields: [{ name: 'id' }] });
    expect(assets['broken.second']?.view_query).toContain('broken.first');
    expect(assets['public.big_orders']?.view_query).toBeDefined();
    expect(end).toMatchObject({ complete: false, missing: ['view shop.broken.first: its text cannot be read'] });
  });

  it('counts a table that others inherit from as a query on it does, and reads it for freshness within the limit only', async () => {
    await server.sql(
      `CREATE SCHEMA inherited; GRANT USAGE ON SCHEMA inherited TO reader;
      CREATE TABLE inherited.parent (id int); CREATE TABLE inherited.child (x text) INHERITS (inherited.parent);
      CREATE TABLE inherited.grandchild () INHERITS (inherited.child, inherited.parent);
      INSERT INTO inherited.parent VALUES (1); INSERT INTO inherited.child SELECT i, repeat('x', 500) FROM generate_series(1, 200) i;
      INSERT INTO inherited.grandchild VALUES (1, ''), (2, '');
      GRANT SELECT ON ALL TABLES IN SCHEMA inherited TO reader; ANALYZE`,
      'shop',
    );
    const include = { include: ['shop.inherited.*'] };
    const of = async (limit: number) =>
      assetsBy((await collectAll(as({ collect: 'metadata' }, { ...include, freshness_scan_bytes: limit }))).nouns);
    const assets = await of(1_000_000);
    const rows = ['parent', 'child', 'grandchild'].map((name) => assets[`inherited.${name}`]?.row_count);
    expect(rows).toEqual(['203', '202', '2']);
    expect(assets['inherited.parent']?.last_update_time).toBeDefined();
    const limited = await of(8192);
    expect(limited['inherited.parent']?.last_update_time).toBeUndefined();
    expect(limited['inherited.grandchild']?.last_update_time).toBeDefined();
  });

  it('sends a count beyond 2^53 digit for digit, and none for what no count can be', async () => {
    await server.sql(
      `CREATE SCHEMA counts; GRANT USAGE ON SCHEMA counts TO reader;
      CREATE TABLE counts.large AS SELECT 1 AS id; CREATE TABLE counts.odd AS SELECT 1 AS id; ANALYZE;
      UPDATE pg_class SET reltuples = 4611686018427387904 WHERE oid = 'counts.large'::regclass;
      UPDATE pg_class SET reltuples = 3e19 WHERE oid = 'counts.odd'::regclass`,
      'shop',
    );
    const { nouns } = await collectAll(as({ collect: 'metadata' }, { include: ['shop.counts.*'] }));
    const assets = assetsBy(nouns);
    expect(lineOf(assets['counts.large'])).toContain('"row_count":4611686018427387904,');
    expect(assets['counts.odd']).toMatchObject({ row_count: undefined, byte_count: '8192' });
  });

  it('draws no edge from a table whose row type alone is used', async () => {
    await server.sql(
      `CREATE SCHEMA typed; GRANT USAGE ON SCHEMA typed TO reader;
      CREATE TABLE typed.shape (id int, n text); CREATE TABLE typed.base (id int, whole typed.shape, doc json);
      CREATE FUNCTION typed.rows() RETURNS SETOF typed.shape LANGUAGE sql AS 'SELECT 1, null';
      CREATE VIEW typed.from_function AS SELECT id, n FROM typed.rows();
      CREATE VIEW typed.from_column AS SELECT (whole).n FROM typed.base;
      CREATE VIEW typed.from_json AS SELECT j.n FROM typed.base, json_populate_record(null::typed.shape, doc) j;
      CREATE VIEW typed.whole_row AS SELECT shape, EXISTS (SELECT FROM typed.base) FROM typed.shape`,
      'shop',
    );
    const { nouns } = await collectAll(as({ collect: 'table_lineage' }, { include: ['shop.typed.*'] }));
    expect(edgesOf(nouns)).toEqual([
      'typed.base:TABLE -> typed.from_column:VIEW',
      'typed.base:TABLE -> typed.from_json:VIEW',
      'typed.base:TABLE -> typed.whole_row:VIEW',
      'typed.shape:TABLE -> typed.whole_row:VIEW',
    ]);
  });

  it('tells which pattern of include fits nothing, and not which role may not read what it fits', async () => {
    const include = [
      'shop.public.orders',
      'shop.public.ordrs',
      'shop.hr.*',
      '*.public.elsewhere',
      'shop.sales.events_2',
    ];
    const { notes, end } = await collectAll(as({ collect: 'metadata' }, { include }));
    const about = (pattern: string): string => `warning  source shop: include ${pattern} fits no table or view`;
    expect(notes).toEqual([about('shop.public.ordrs'), about('shop.sales.events_2')]);
    expect(end.missing).toContain('schema shop.hr: no USAGE for role reader');
    expect((await collectAll(as({ collect: 'table_lineage' }, { include: ['shop.public.*'] }))).notes).toEqual([]);
  });

  it('tells of a database without tables, which is often the wrong one', async () => {
    const { notes } = await collectAll(as({ collect: 'metadata' }, { database: 'postgres' }));
    expect(notes).toEqual(['warning  source shop: no table or view of database postgres is left']);
    expect((await collectAll(as({ collect: 'table_lineage' }, { database: 'postgres' }))).notes).toEqual([]);
  });

  it('finds its way without `database`, whatever letters a pattern is written in', async () => {
    const collect = (include: readonly string[], more = {}) =>
      collectAll(as({ collect: 'metadata' }, { database: '', include, ...more }));
    expect((await collect(['SHOP.Public.Orders'])).nouns).toHaveLength(1);
    expect((await collect(['oth*.public.*'])).nouns).toHaveLength(1);
    await expect(collect(['shpo.public.*'])).rejects.toMatchObject({
      code: 'MCI613',
      message: expect.stringContaining('for shpo.public.*'),
      fix: expect.stringContaining('shop'),
    });
    await expect(collect([])).rejects.toMatchObject({
      code: 'MCI613',
      message: expect.stringContaining('no database reader'),
      fix: expect.stringContaining('PGDATABASE'),
    });
  });

  it('names ten schemas that it may not read, and counts the rest', async () => {
    await server.sql(
      `DO $$ BEGIN FOR i IN 10..29 LOOP EXECUTE format('CREATE SCHEMA closed_%s; CREATE TABLE closed_%s.t (id int)', i, i); END LOOP; END $$`,
      'shop',
    );
    const { end } = await collectAll(as({ collect: 'metadata' }, { include: ['shop.closed_*.*'] }));
    expect(end.missing).toHaveLength(11);
    expect(end.missing[0]).toBe('schema shop.closed_10: no USAGE for role reader');
    expect(end.missing.at(-1)).toBe('10 more schemas of shop: no USAGE for role reader');
  });

  it('sends what is there now after objects were dropped and made anew, a view in the place of a table', async () => {
    const include = { include: ['shop.again.*'] };
    await server.sql(
      `CREATE SCHEMA again; GRANT USAGE ON SCHEMA again TO reader; CREATE TABLE again.base (id int); CREATE TABLE again.same (id int);
      CREATE VIEW again.top AS SELECT id FROM again.same`,
      'shop',
    );
    const first = assetsBy((await collectAll(as({ collect: 'metadata' }, include))).nouns);
    expect(first['again.same']).toMatchObject({ type: 'TABLE', row_count: '0' });
    await server.sql(
      `DROP TABLE again.same CASCADE; CREATE VIEW again.same AS SELECT id AS other FROM again.base; CREATE VIEW again.top AS SELECT other FROM again.same`,
      'shop',
    );
    const second = assetsBy((await collectAll(as({ collect: 'metadata' }, include))).nouns);
    expect(second['again.same']).toMatchObject({ type: 'VIEW', row_count: undefined, fields: [{ name: 'other' }] });
    expect(edgesOf((await collectAll(as({ collect: 'table_lineage' }, include))).nouns)).toEqual([
      'again.base:TABLE -> again.same:VIEW',
      'again.same:VIEW -> again.top:VIEW',
    ]);
  });
});
