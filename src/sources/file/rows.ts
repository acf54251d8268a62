import { ExactNumber, parseExact, printExact } from '../../manifest/exact-json.ts';
import type { Collect } from '../../model.ts';

type Row = Readonly<Record<string, unknown>>;

const LOG = ['start_time', 'end_time', 'query_text', 'query_id', 'user', 'error_code', 'error_text', 'returned_rows'];
const COUNTS = new Set(['row_count', 'byte_count', 'returned_rows']);

/** A CSV cell: empty is unknown, a count is a number of any size. */
export function cellValue(name: string, text: string): unknown {
  if (text === '') return undefined;
  return COUNTS.has(name) && /^(0|[1-9]\d*)$/.test(text) ? new ExactNumber(text) : text;
}

function some(members: Row): Row | undefined {
  return Object.values(members).some((member) => member != null) ? members : undefined;
}

function asset(row: Row): Row {
  const { database, schema, name, type, description, row_count, byte_count, ...rest } = row;
  const { last_update_time, created_on, view_query, fields, tags, ...unknown } = rest;
  return {
    type,
    metadata: { name, database, schema, description, view_query, created_on },
    tags,
    fields,
    volume: some({ row_count, byte_count }),
    freshness: some({ last_update_time }),
    ...unknown,
  };
}

function log(row: Row): Row {
  const event: Record<string, unknown> = {};
  const extra: Record<string, unknown> = { ...(row['extra'] as Row | undefined) };
  for (const [key, value] of Object.entries(row))
    if (LOG.includes(key)) event[key] = value;
    else if (key !== 'extra' && value !== undefined) extra[key] = value;
  return Object.keys(extra).length > 0 || row['extra'] != null ? { ...event, extra } : event;
}

/** A flat row, or an event with or without its wrapper, as an event line. */
export function lineOf(collect: Collect, row: Row): string {
  if (collect === 'query_logs') return printExact(log(row));
  if (collect !== 'metadata' || 'relational_asset' in row) return printExact(row);
  return printExact({ relational_asset: 'metadata' in row ? row : asset(row) });
}

/** The element of a JSON array as an event line; what is no object stays as it is and is refused by the check. */
export function elementLine(collect: Collect, text: string): string {
  const row = parseExact(text);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? lineOf(collect, row as Row) : text;
}
