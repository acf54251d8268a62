import type { Asset, Column, Lineage } from '../../model.ts';
import type { Row } from '../connection.ts';
import { matches } from '../patterns.ts';
import type { Client } from './client.ts';
import { namedSchemas, type PatternArrays, patternsFor } from './databases.ts';
import {
  ABSENT_SCHEMAS,
  COLUMNS,
  FITTING,
  RELATIONS,
  UNREADABLE,
  VIEW_SOURCES,
  VIEW_TEXTS,
  WANTED_OIDS,
} from './queries.ts';
import { assetOf, columnOf, lineageOf } from './rows.ts';

/** Relations a page: three queries each. A page of the widest tables (1,600 columns) is still small. */
const PAGE = 100;
/** Schemas without USAGE that are named; the rest is counted. A reason is read by people, in one line. */
const MOST_NAMED = 10;
/** With no search_path, types and view texts come with their schemas. */
const NO_PATH = `SELECT set_config('search_path', '', true)`;

export interface CatalogWork {
  readonly mode: 'full' | 'volume_freshness';
  readonly freshnessBytes: number;
  /** Takes a reason why the collect is not complete. */
  readonly missing: (reason: string) => void;
  /** Takes each pattern of include that something in the database fits, as it is written. */
  readonly fits: (pattern: string) => void;
}

/** Runs a stream over what the patterns ask for in one database; says first what of it the role may not see. */
async function* reading<T>(
  client: Client,
  database: string,
  { missing, fits }: CatalogWork,
  work: (patterns: PatternArrays) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const patterns = patternsFor(client.settings, database);
  await client.query(NO_PATH);
  const closed = await client.query(UNREADABLE, patterns);
  for (const row of closed.slice(0, MOST_NAMED))
    missing(`schema ${database}.${String(row['schema'])}: no USAGE for role ${String(row['role'])}`);
  if (closed.length > MOST_NAMED)
    missing(`${closed.length - MOST_NAMED} more schemas of ${database}: no USAGE for role ${client.settings.user}`);
  const named = namedSchemas(client.settings, database);
  // A schema that was misspelt, or dropped by accident, must not look like one whose tables are all gone.
  for (const row of await client.query(ABSENT_SCHEMAS, [[...named.keys()]]))
    missing(`include ${named.get(String(row['schema']))?.text}: there is no such schema`);
  const asked = client.settings.include.filter((pattern) => matches(pattern.database, database));
  for (const row of await client.query(FITTING, patterns.slice(0, 2))) {
    const pattern = asked[Number(row['at']) - 1];
    if (pattern !== undefined) fits(pattern.text);
  }
  yield* work(patterns);
}

async function fieldsOf(client: Client, oids: readonly string[]): Promise<ReadonlyMap<string, readonly Column[]>> {
  const fields = new Map<string, Column[]>();
  for (const row of await client.query(COLUMNS, [oids])) {
    const oid = String(row['oid']);
    const list = fields.get(oid) ?? [];
    list.push(columnOf(row));
    fields.set(oid, list);
  }
  return fields;
}

/**
 * Texts of views. A view that is broken makes its query fail: the page is halved until the broken ones are alone, and those
 * have no text.
 */
async function viewTexts(
  client: Client,
  oids: readonly string[],
  texts: Map<string, string>,
): Promise<readonly string[]> {
  if (oids.length === 0) return [];
  await client.query('SAVEPOINT view_texts');
  try {
    for (const row of await client.query(VIEW_TEXTS, [oids]))
      if (row['text'] !== null) texts.set(String(row['oid']), String(row['text']).trim());
    await client.query('RELEASE SAVEPOINT view_texts');
    return [];
  } catch (error) {
    // On a connection that is gone this throws again, with the reason.
    await client.query('ROLLBACK TO SAVEPOINT view_texts').catch(() => {
      throw error;
    });
    if (oids.length === 1) return oids;
    const half = oids.length >> 1;
    const broken = await viewTexts(client, oids.slice(0, half), texts);
    return [...broken, ...(await viewTexts(client, oids.slice(half), texts))];
  }
}

interface Page {
  readonly client: Client;
  readonly database: string;
  readonly rows: readonly Row[];
}

async function assetsOf({ client, database, rows }: Page, { mode, missing }: CatalogWork): Promise<readonly Asset[]> {
  if (mode !== 'full') return rows.map((row) => assetOf(row, { database }));
  const fields = await fieldsOf(
    client,
    rows.map((row) => String(row['oid'])),
  );
  const texts = new Map<string, string>();
  const views = rows.filter((row) => row['kind'] === 'v' || row['kind'] === 'm').map((row) => String(row['oid']));
  const broken = await viewTexts(client, views, texts);
  for (const row of rows.filter(({ oid }) => broken.includes(String(oid))))
    missing(`view ${database}.${String(row['schema'])}.${String(row['name'])}: its text cannot be read`);
  return rows.map((row) => {
    const oid = String(row['oid']);
    return assetOf(row, { database, fields: fields.get(oid) ?? [], view: texts.get(oid) });
  });
}

async function* pages(client: Client, patterns: PatternArrays, freshnessBytes: number): AsyncGenerator<readonly Row[]> {
  const oids = (await client.query(WANTED_OIDS, patterns)).map(({ oid }) => String(oid));
  for (let from = 0; from < oids.length; from += PAGE)
    yield await client.query(RELATIONS, [oids.slice(from, from + PAGE), freshnessBytes]);
}

/** The tables and views of one database. */
export function assets(client: Client, database: string, work: CatalogWork): AsyncGenerator<Asset> {
  return reading(client, database, work, async function* (patterns) {
    for await (const rows of pages(client, patterns, work.freshnessBytes))
      yield* await assetsOf({ client, database, rows }, work);
  });
}

/**
 * What the views of one database are made from. Only views that the patterns ask for are destinations; a source counts
 * whether they ask for it or not, because the edge is there.
 */
export function lineage(client: Client, database: string, work: CatalogWork): AsyncGenerator<Lineage> {
  return reading(client, database, work, async function* (patterns) {
    const { rows } = await client.stream(VIEW_SOURCES, patterns);
    for await (const some of rows) for (const row of some) yield lineageOf(row, database);
  });
}
