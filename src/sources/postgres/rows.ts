import type { Asset, Column, Lineage } from '../../model.ts';
import type { Row } from '../connection.ts';

function text(row: Row, key: string): string {
  return String(row[key]);
}

function known(row: Row, key: string): string | undefined {
  const value = row[key];
  return value === null || value === undefined ? undefined : String(value);
}

/** What Monte Carlo takes: a materialised view has rows of its own and is a table, so is a foreign table. */
function typeOf(kind: unknown): 'TABLE' | 'VIEW' {
  return kind === 'v' ? 'VIEW' : 'TABLE';
}

/** A column as `COLUMNS` gives it. */
export function columnOf(row: Row): Column {
  return { name: text(row, 'name'), type: text(row, 'type'), description: known(row, 'description') };
}

/** A relation as `RELATIONS` gives it. PostgreSQL keeps no time of creation. */
export function assetOf(
  row: Row,
  {
    database,
    fields,
    view,
  }: { readonly database: string; readonly fields?: readonly Column[] | undefined; readonly view?: string | undefined },
): Asset {
  return {
    noun: 'asset',
    type: typeOf(row['kind']),
    database,
    schema: text(row, 'schema'),
    name: text(row, 'name'),
    description: known(row, 'description'),
    view_query: view,
    fields,
    row_count: known(row, 'rows'),
    byte_count: known(row, 'bytes'),
    last_update_time: known(row, 'updated'),
  };
}

/** A view and its sources as `VIEW_SOURCES` gives them. */
export function lineageOf(row: Row, database: string): Lineage {
  const reference = (item: Row) => ({
    type: typeOf(item['kind']),
    database,
    schema: text(item, 'schema'),
    name: text(item, 'name'),
  });
  const sources = Array.isArray(row['sources']) ? (row['sources'] as readonly Row[]) : [];
  return { noun: 'lineage', destination: reference(row), sources: sources.map(reference) };
}
