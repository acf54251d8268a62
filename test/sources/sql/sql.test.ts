import { describe, expect, it } from 'vitest';
import type { Collect, Noun } from '../../../src/model.ts';
import { eventLine } from '../../../src/montecarlo/wire.ts';
import type { Connectors, Row, Statement } from '../../../src/sources/connection.ts';
import { sqlSource } from '../../../src/sources/sql/index.ts';
import { statementOf } from '../../../src/sources/sql/parameters.ts';

interface Asked {
  statement: Statement;
  values: Readonly<Record<string, string>>;
}

/** Runs the source on a connection that answers with these rows. */
async function run(collect: Collect, rows: readonly Row[], query = 'SELECT 1', columns?: readonly string[]) {
  const asked: Asked = { statement: [], values: {} };
  const connectors: Connectors = {
    fake: async () => ({
      type: 'fake',
      connect: async () => ({
        async query(statement, values) {
          Object.assign(asked, { statement, values });
          async function* batches() {
            for (const row of rows) yield [row];
          }
          return { columns: columns ?? Object.keys(rows[0] ?? {}), rows: batches() };
        },
        close: async () => undefined,
      }),
    }),
  };
  const { signal } = new AbortController();
  const world = { dir: '/', env: {}, now: () => 0, note: () => undefined };
  const options = { connection: { name: 'shop', type: 'fake', options: {} } };
  const session = await sqlSource(connectors).open({ name: 'own', options, world, signal });
  const window = collect === 'query_logs' ? { to: '2026-01-02T00:00:00.000Z' } : {};
  const collection = session.collect({ collect, mode: 'full', options: { query }, signal, ...window });
  const nouns: Noun[] = [];
  for await (const noun of collection.rows) nouns.push(noun);
  return { lines: nouns.map((noun) => eventLine(collect, noun)), end: collection.end(), asked };
}

const TABLE = { database: 'd', schema: 's', name: 'n', type: 'BASE TABLE' };
const EDGE = { source_database: 'd', source_schema: 's', destination_database: 'd', destination_schema: 's' };
const LOG = { start_time: '2026-01-01 00:00:00+02', end_time: '2026-01-01T00:00:01.5', query_text: 'q' };

describe('metadata by a query', () => {
  it('refuses a count below zero, as reltuples has it for a table that nobody looked at', async () => {
    await expect(run('metadata', [{ ...TABLE, row_count: -1 }])).rejects.toMatchObject({
      code: 'MCI631',
      message: 'source own: row 1 of metadata: row_count is negative: -1; a count that is not known is null',
    });
    await expect(run('metadata', [{ ...TABLE, row_count: -1n }])).rejects.toMatchObject({ code: 'MCI631' });
    expect((await run('metadata', [{ ...TABLE, row_count: 0n }])).lines[0]).toContain('"row_count":0');
  });

  it('joins the columns of consecutive rows, sends zero and counts of any size exactly', async () => {
    const { lines, end } = await run('metadata', [
      {
        ...TABLE,
        row_count: 0,
        byte_count: 9007199254740993n,
        column_name: 'a',
        column_type: 'int',
        column_description: null,
      },
      {
        ...TABLE,
        row_count: 0,
        byte_count: 9007199254740993n,
        column_name: 'b',
        column_type: 'text',
        column_description: 'B',
      },
      {
        ...TABLE,
        name: 'v',
        type: 'view',
        row_count: null,
        byte_count: null,
        column_name: 'c',
        column_type: 'int',
        column_description: null,
      },
    ]);
    expect(lines).toEqual([
      '{"relational_asset":{"type":"TABLE","metadata":{"name":"n","database":"d","schema":"s"},"fields":[{"name":"a","type":"int"},{"name":"b","type":"text","description":"B"}],"volume":{"row_count":0,"byte_count":9007199254740993}}}',
      '{"relational_asset":{"type":"VIEW","metadata":{"name":"v","database":"d","schema":"s"},"fields":[{"name":"c","type":"int"}]}}',
    ]);
    expect(end).toEqual({ complete: true, missing: [] });
  });

  it('takes columns as a JSON cell, and times in any zone', async () => {
    const row = {
      ...TABLE,
      type: 'MATERIALIZED VIEW',
      description: 'D',
      view_query: 'SELECT 1',
      last_update_time: '2026-01-01T00:30:00.123456+01:00',
      created_on: '2026-01-01',
      fields: '[{"name":"a","type":"int"}]',
    };
    const { lines } = await run('metadata', [row]);
    expect(JSON.parse(String(lines[0]))).toEqual({
      relational_asset: {
        type: 'TABLE',
        metadata: {
          name: 'n',
          database: 'd',
          schema: 's',
          description: 'D',
          view_query: 'SELECT 1',
          created_on: '2026-01-01T00:00:00Z',
        },
        fields: [{ name: 'a', type: 'int' }],
        freshness: { last_update_time: '2025-12-31T23:30:00.123456Z' },
      },
    });
  });

  it('names what is misspelt, missing or there twice, with the list of what is taken', async () => {
    const bad = run('metadata', [{ database: 'd', schema: 's', nmae: 'n', type: 'TABLE', rowcount: 1 }]);
    await expect(bad).rejects.toMatchObject({
      code: 'MCI630',
      exit: 'config',
      message: expect.stringMatching(
        /column nmae is not known \(did you mean name\?\).*rowcount is not known \(did you mean row_count\?\).*column name is missing/,
      ),
      fix: expect.stringContaining('last_update_time'),
    });
    const empty = run('metadata', [], 'SELECT 1', ['database']);
    await expect(empty).rejects.toMatchObject({ code: 'MCI630' });
    const twice = run('metadata', [], 'SELECT 1', ['database', 'schema', 'name', 'type', 'Name']);
    await expect(twice).rejects.toMatchObject({ message: expect.stringContaining('name is there twice') });
  });

  it.each([
    ['a null name', { ...TABLE, name: null }, /row 1 of metadata: name is null/],
    ['a type nobody knows', { ...TABLE, type: 'SEQUENCE' }, /type is neither TABLE nor VIEW/],
    ['a count with a fraction', { ...TABLE, row_count: 1.5 }, /row_count is no whole number/],
    ['a count that was rounded', { ...TABLE, row_count: 2 ** 53 }, /row_count is no whole number/],
    ['a time that is none', { ...TABLE, last_update_time: 'yesterday' }, /last_update_time is no time/],
    ['columns that are no list', { ...TABLE, fields: '{}' }, /fields is no JSON array/],
  ])('refuses %s with the number of the row', async (_fault, row, message) => {
    await expect(run('metadata', [row])).rejects.toMatchObject({
      code: 'MCI631',
      message: expect.stringMatching(message),
    });
  });

  it('refuses rows of one table that do not follow each other', async () => {
    const rows = ['a', 'b', 'a'].map((name) => ({ ...TABLE, name, column_name: 'x', column_type: 'int' }));
    await expect(run('metadata', rows)).rejects.toMatchObject({ message: expect.stringContaining('row 3') });
  });
});

describe('lineage by a query', () => {
  it('joins the sources of a destination', async () => {
    const row = (source_name: string, destination_name: string) => ({
      ...EDGE,
      source_name,
      destination_name,
      destination_type: 'VIEW',
    });
    const { lines } = await run('table_lineage', [row('a', 'v'), row('b', 'v'), row('a', 'v'), row('v', 'w')]);
    const end = (type: string, name: string) => ({ type, name, database: 'd', schema: 's' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { destination: end('VIEW', 'v'), sources: [end('TABLE', 'a'), end('TABLE', 'b')] },
      { destination: end('VIEW', 'w'), sources: [end('TABLE', 'v')] },
    ]);
  });

  it('maps columns by local ids of the sources', async () => {
    const row = (source_name: string, source_column: string, destination_column: string) => ({
      ...EDGE,
      source_name,
      destination_name: 't',
      source_column,
      destination_column,
    });
    const { lines } = await run('column_lineage', [
      row('a', 'x', 'total'),
      row('b', 'y', 'total'),
      row('a', 'x', 'first'),
    ]);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        sources: [
          { name: 'a', asset_id: 's1' },
          { name: 'b', asset_id: 's2' },
        ],
        fields: [
          {
            name: 'total',
            source_fields: [
              { asset_id: 's1', field_name: 'x' },
              { asset_id: 's2', field_name: 'y' },
            ],
          },
          { name: 'first', source_fields: [{ asset_id: 's1', field_name: 'x' }] },
        ],
      },
    ]);
  });
});

describe('query logs by a query', () => {
  it('puts other columns into extra, and binds the window', async () => {
    const { lines, asked, end } = await run(
      'query_logs',
      [{ ...LOG, returned_rows: 3, warehouse: 'wh', nothing: null }],
      `SELECT ':from' FROM x WHERE t > :from AND t <= :to -- :to`,
    );
    expect(lines).toEqual([
      '{"start_time":"2025-12-31T22:00:00Z","end_time":"2026-01-01T00:00:01.500000Z","query_text":"q","returned_rows":3,"extra":{"warehouse":"wh"}}',
    ]);
    expect(asked.statement).toEqual([
      `SELECT ':from' FROM x WHERE t > `,
      { bind: 'from' },
      ' AND t <= ',
      { bind: 'to' },
      ' -- :to',
    ]);
    expect(asked.values).toEqual({ from: '1970-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' });
    expect(end.watermark).toEqual({ to: '2026-01-02T00:00:00.000Z' });
  });

  it('guesses which column was meant where one is missing', async () => {
    const bad = run('query_logs', [{ start_time: LOG.start_time, end_tme: LOG.end_time, query_text: 'q' }]);
    await expect(bad).rejects.toMatchObject({
      message: expect.stringContaining('end_time is missing (is end_tme meant?)'),
    });
  });

  it('has no window for anything else', async () => {
    await expect(run('metadata', [TABLE], 'SELECT :from')).rejects.toMatchObject({ code: 'MCI632' });
  });
});

it('finds parameters only where they are no part of something else', () => {
  const binds = (query: string) => statementOf(query).filter((part) => typeof part !== 'string').length;
  expect(binds(`SELECT x::from, a[1:to], ':to', "x:to", $$ :to $$, $q$ ':to' $q$, E'\\':to', /* :to */ 1`)).toBe(0);
  expect(binds('SELECT :to::date, (:from), :to')).toBe(3);
  expect(statementOf('SELECT 1;\n ;')).toEqual(['SELECT 1']);
});
