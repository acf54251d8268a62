import { McIngestError } from '../../errors.ts';
import { matches, type TablePattern } from '../patterns.ts';
import type { Client } from './client.ts';
import { DATABASES } from './queries.ts';
import type { Settings } from './settings.ts';

/** The patterns that concern one database, as the queries take them: $1–$4. */
export type PatternArrays = readonly [readonly string[], readonly string[], readonly string[], readonly string[]];

/** `(?i)` is how PostgreSQL is told to ignore case; JavaScript takes a flag. */
function regexps(patterns: readonly TablePattern[], part: 'schema' | 'table'): readonly string[] {
  return patterns.map(({ [part]: { source, fold } }) => (fold ? `(?i)${source}` : source));
}

/** What of `include` and `exclude` is about this database. */
export function patternsFor({ include, exclude }: Settings, database: string): PatternArrays {
  const about = (patterns: readonly TablePattern[]) =>
    patterns.filter((pattern) => matches(pattern.database, database));
  const [wanted, left] = [about(include), about(exclude)];
  const schemas = include.length === 0 ? ['.*'] : regexps(wanted, 'schema');
  const tables = include.length === 0 ? ['.*'] : regexps(wanted, 'table');
  return [schemas, tables, regexps(left, 'schema'), regexps(left, 'table')];
}

interface Chosen {
  readonly names: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Which databases the patterns mean. One that the role may not connect to is missing; a pattern that names one that is not
 * there is an error (MCI613).
 */
export async function databasesOf(client: Client, name: string): Promise<Chosen> {
  const { include, database, user } = client.settings;
  if (include.length === 0) return { names: [database], missing: [] };
  const all = await client.query(DATABASES);
  const wanted = all.filter((row) => include.some((pattern) => matches(pattern.database, String(row['name']))));
  for (const pattern of include) {
    if (pattern.database.literal === null) continue;
    if (wanted.some((row) => matches(pattern.database, String(row['name'])))) continue;
    const there = all.map((row) => String(row['name'])).slice(0, 20);
    throw new McIngestError('MCI613', 'failed', `source ${name}: there is no database for ${pattern.text}`, {
      fix: `patterns are database.schema.table; databases: ${there.join(', ')}`,
    });
  }
  const missing = wanted
    .filter((row) => row['allowed'] !== true)
    .map((row) => `database ${String(row['name'])}: no CONNECT for role ${user}`);
  return { names: wanted.filter((row) => row['allowed'] === true).map((row) => String(row['name'])), missing };
}

/** Runs work in each database in turn, on one connection at a time. The first connection is used where it fits. */
export async function* eachDatabase<T>(
  first: Client,
  names: readonly string[],
  { open, work }: { open(database: string): Promise<Client>; work(client: Client, database: string): AsyncIterable<T> },
): AsyncGenerator<T> {
  const order = [...names].sort(
    (a, b) => Number(b === first.settings.database) - Number(a === first.settings.database),
  );
  let client: Client | null = first;
  try {
    for (const name of order) {
      if (client?.settings.database !== name) {
        await client?.close();
        client = null;
        client = await open(name);
      }
      yield* work(client, name);
    }
  } finally {
    await client?.close();
  }
}
