import type { Asset, AssetRef, Collect, Count, Lineage, Noun, QueryLog } from '../model.ts';

const WHOLE = /^-?\d+$/;

/** A count as JSON text, every digit kept. Throws RangeError for what is no whole number: it is never rounded. */
function count(value: Count): string {
  const text = typeof value === 'string' ? value.trim() : String(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return text;
  if (!WHOLE.test(text) || (typeof value === 'number' && !Number.isSafeInteger(value)))
    throw new RangeError(`${text} is not an exact whole number`);
  return BigInt(text).toString();
}

/** An object's text from members that are JSON text already; absent ones are left out. */
function object(members: Readonly<Record<string, string | undefined>>): string {
  let text = '';
  for (const key in members) {
    const member = members[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}"${key}":${member}`;
  }
  return `{${text}}`;
}

function json(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? printed(value) : JSON.stringify(value);
}

/** JSON.stringify refuses bigints and cannot write them as numbers: vendors' members are printed here. */
function printed(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => printed(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${printed(member)}`).join(',')}}`;
}

/** A fraction of a second goes with six digits, or none. */
function time(value: string): string {
  const parts = /^(.{19})\.(\d{1,9})Z$/.exec(value);
  if (parts === null) return JSON.stringify(value);
  const digits = (parts[2] ?? '').slice(0, 6).padEnd(6, '0');
  return JSON.stringify(`${parts[1]}${digits === '000000' ? '' : `.${digits}`}Z`);
}

function number(value: Count | undefined): string | undefined {
  return value === undefined || value === null ? undefined : count(value);
}

function filled<T>(items: readonly T[] | undefined): readonly T[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}

function assetLine(asset: Asset): string {
  const rows = number(asset.row_count);
  const bytes = number(asset.byte_count);
  const updated = json(asset.last_update_time);
  const relational = object({
    type: json(asset.type),
    metadata: object({
      name: json(asset.name),
      database: json(asset.database),
      schema: json(asset.schema),
      description: json(asset.description),
      view_query: json(asset.view_query),
      created_on: json(asset.created_on),
    }),
    tags: json(filled(asset.tags)?.map(({ key, value }) => ({ key, value: value ?? undefined }))),
    fields: json(
      filled(asset.fields)?.map(({ name, type, description }) => ({
        name,
        type,
        description: description ?? undefined,
      })),
    ),
    volume: rows === undefined && bytes === undefined ? undefined : object({ row_count: rows, byte_count: bytes }),
    freshness: updated === undefined ? undefined : object({ last_update_time: updated }),
  });
  return `{"relational_asset":${relational}}`;
}

function reference({ type, name, database, schema }: AssetRef): object {
  return { type, name, database, schema };
}

function lineageLine({ destination, sources }: Lineage): string {
  return JSON.stringify({ destination: reference(destination), sources: sources.map(reference) });
}

function queryLine(log: QueryLog): string {
  return object({
    start_time: time(log.start_time),
    end_time: time(log.end_time),
    query_text: json(log.query_text),
    query_id: json(log.query_id),
    user: json(log.user),
    error_code: json(log.error_code),
    error_text: json(log.error_text),
    returned_rows: number(log.returned_rows),
    extra: json(log.extra),
  });
}

/**
 * One event as the line that is sent: absent members left out, zero and "" kept, counts of any size exact, no line break
 * in it. Throws TypeError when the noun does not belong to the collect, RangeError for a count that is not whole.
 */
export function eventLine(collect: Collect, noun: Noun): string {
  if (noun.noun === 'raw') return noun.text;
  if (noun.noun === 'asset' && collect === 'metadata') return assetLine(noun);
  if (noun.noun === 'lineage' && (collect === 'table_lineage' || collect === 'column_lineage'))
    return lineageLine(noun);
  if (noun.noun === 'query_log' && collect === 'query_logs') return queryLine(noun);
  throw new TypeError(`a ${noun.noun} is not an event of ${collect}`);
}
