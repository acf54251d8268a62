import { McIngestError } from '../../errors.ts';
import type { Noun } from '../../model.ts';
import { isSecret, type Option } from '../../secret.ts';
import { matches } from '../patterns.ts';
import type { CollectEnd, Collection, CollectRequest, OpenOptions, Source } from '../source.ts';
import { assets, type CatalogWork, lineage } from './catalog.ts';
import { type Client, loadDrivers, openClient } from './client.ts';
import { type CsvLogs, csvlog } from './csvlog.ts';
import { databasesOf, eachDatabase } from './databases.ts';
import { type Settings, settingsOf } from './settings.ts';
import { statements } from './statements.ts';

const MAINTENANCE = 'postgres';
const SCAN_BYTES = 16_777_216;

interface Work {
  readonly open: OpenOptions;
  readonly settings: Settings;
  readonly request: CollectRequest;
  readonly missing: (reason: string) => void;
}

async function connected(work: Work, database: string): Promise<Client> {
  const { open, settings, request } = work;
  const drivers = await loadDrivers();
  return openClient({ name: open.name, settings: { ...settings, database }, drivers, signal: request.signal });
}

/**
 * Where the databases are looked up. One that was only guessed from the patterns may be missing, or be written in other
 * letters: then it is the one that every server has.
 */
async function entrance(work: Work): Promise<Client> {
  const { database, databaseNamed, include } = work.settings;
  try {
    return await connected(work, database);
  } catch (error) {
    const guessed = !databaseNamed && include.length > 0 && database !== MAINTENANCE;
    if (!guessed || !(error instanceof McIngestError) || error.code !== 'MCI613') throw error;
    return connected(work, MAINTENANCE).catch(() => {
      throw error;
    });
  }
}

type Reader = (client: Client, database: string, work: CatalogWork) => AsyncIterable<Noun>;

async function* fromCatalog(read: Reader, work: Work): AsyncGenerator<Noun> {
  const { open, settings, request, missing } = work;
  const limit = open.options['freshness_scan_bytes'];
  const freshnessBytes = typeof limit === 'number' ? limit : SCAN_BYTES;
  const fitting = new Set<string>();
  const fits = (pattern: string): void => void fitting.add(pattern);
  const first = await entrance(work);
  try {
    const chosen = await databasesOf(first, open.name);
    chosen.missing.forEach(missing);
    let none = true;
    const found = eachDatabase(first, chosen.names, {
      open: (database) => connected(work, database),
      work: (client, database) => read(client, database, { mode: request.mode, freshnessBytes, missing, fits }),
    });
    for await (const noun of found) {
      none = false;
      yield noun;
    }
    if (none && read === assets && settings.include.length === 0)
      open.world.note(`warning  source ${open.name}: no table or view of database ${settings.database} is left`);
    for (const { text } of settings.include)
      if (!fitting.has(text)) open.world.note(`warning  source ${open.name}: include ${text} fits no table or view`);
  } finally {
    await first.close();
  }
}

async function* fromStatements(work: Work): AsyncGenerator<Noun> {
  const client = await connected(work, work.settings.database);
  try {
    yield* statements(client, { name: work.open.name, missing: work.missing });
  } finally {
    await client.close();
  }
}

function csvOf(option: Option | undefined): CsvLogs | null {
  if (typeof option !== 'object' || option === null || Array.isArray(option) || isSecret(option)) return null;
  const { csv, timezone } = option as Readonly<Record<string, Option>>;
  if (!Array.isArray(csv)) return null;
  return { paths: csv.map(String), timezone: typeof timezone === 'string' ? timezone : 'UTC' };
}

function fromCsv(logs: CsvLogs, { open, request, settings }: Work): AsyncIterable<Noun> {
  const { include, database, databaseNamed } = settings;
  const wanted = (name: string): boolean =>
    include.length > 0
      ? include.some((pattern) => matches(pattern.database, name))
      : !databaseNamed || name === database;
  return csvlog({ ...logs, open, request, wanted });
}

function rowsOf(work: Work): AsyncIterable<Noun> {
  const { collect } = work.request;
  if (collect === 'metadata') return fromCatalog(assets, work);
  if (collect === 'table_lineage') return fromCatalog(lineage, work);
  if (collect !== 'query_logs') throw new TypeError(`PostgreSQL has no ${collect}`);
  const logs = csvOf(work.open.options['logs']);
  return logs === null ? fromStatements(work) : fromCsv(logs, work);
}

function collectFrom(open: OpenOptions, settings: Settings, request: CollectRequest): Collection {
  const reasons: string[] = [];
  const rows = rowsOf({ open, settings, request, missing: (reason) => void reasons.push(reason) });
  const { from, to } = request;
  const window = to === undefined ? {} : { watermark: { to, ...(from === undefined ? {} : { from }) } };
  const end = (): CollectEnd => ({ complete: reasons.length === 0, missing: reasons, ...window });
  return { rows, end };
}

/**
 * PostgreSQL: the catalog by set, in one snapshot of a read-only session for each database; lineage of views from
 * pg_depend; query logs from csvlog files or pg_stat_statements. Connects when a collect begins.
 */
export const postgresSource: Source = {
  type: 'postgres',
  async open(open) {
    const settings = settingsOf(open);
    await loadDrivers();
    return { collect: (request) => collectFrom(open, settings, request), close: async () => undefined };
  },
};
