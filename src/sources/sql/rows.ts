import type { Asset, AssetRef, Column, QueryLog } from '../../model.ts';
import type { Row } from '../connection.ts';
import {
  CellError,
  countCell,
  extraCells,
  nameCell,
  neededCell,
  neededTime,
  parsed,
  textCell,
  timeCell,
} from './cells.ts';
import { COLUMN_SETS } from './columns.ts';

const VIEWS = new Set(['VIEW', 'SYSTEM VIEW']);
const TABLES = new Set(
  (
    'TABLE,BASE TABLE,PARTITIONED TABLE,MATERIALIZED VIEW,MATERIALISED VIEW,FOREIGN TABLE,FOREIGN,EXTERNAL TABLE,EXTERNAL,' +
    'MANAGED,TRANSIENT,DYNAMIC TABLE,ICEBERG,SNAPSHOT,CLONE'
  ).split(','),
);
const ENDS = new Set<string>(['TABLE', 'VIEW', 'EXTERNAL', 'WILDCARD_TABLE'] satisfies readonly AssetRef['type'][]);

function isEnd(type: string): type is AssetRef['type'] {
  return ENDS.has(type);
}

/** TABLE or VIEW, from what databases call their kinds. */
function typeCell(row: Row): Asset['type'] {
  const type = neededCell(row, 'type').trim().toUpperCase().replaceAll('_', ' ');
  if (VIEWS.has(type)) return 'VIEW';
  if (TABLES.has(type)) return 'TABLE';
  throw new CellError(`type is neither TABLE nor VIEW: ${type.slice(0, 40)}`);
}

/** The columns in a JSON cell. */
function fieldsCell(row: Row): readonly Column[] | undefined {
  const cell = row['fields'];
  if (cell === null || cell === undefined) return undefined;
  const list: unknown = typeof cell === 'string' ? parsed(cell) : cell;
  if (!Array.isArray(list)) throw new CellError('fields is no JSON array');
  return list.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) throw new CellError('an item of fields is no object');
    const field: Row = { ...item };
    const odd = Object.keys(field).find((key) => key !== 'name' && key !== 'type' && key !== 'description');
    if (odd !== undefined)
      throw new CellError(`an item of fields has a member ${odd}: it takes name, type, description`);
    return {
      name: nameCell(field, 'name'),
      type: neededCell(field, 'type'),
      description: textCell(field, 'description'),
    };
  });
}

/** A row of metadata as a table; its column, where it carries one, comes separately. */
export function assetOf(row: Row): Asset {
  return {
    noun: 'asset',
    type: typeCell(row),
    database: nameCell(row, 'database'),
    schema: nameCell(row, 'schema'),
    name: nameCell(row, 'name'),
    description: textCell(row, 'description'),
    view_query: textCell(row, 'view_query'),
    created_on: timeCell(row, 'created_on'),
    row_count: countCell(row, 'row_count'),
    byte_count: countCell(row, 'byte_count'),
    last_update_time: timeCell(row, 'last_update_time'),
    fields: fieldsCell(row),
  };
}

/** The column in a row of metadata; null in a query without them, or where the name is null. */
export function columnOf(row: Row): Column | null {
  if (row['column_name'] === undefined || row['column_name'] === null) return null;
  return {
    name: nameCell(row, 'column_name'),
    type: neededCell(row, 'column_type'),
    description: textCell(row, 'column_description'),
  };
}

/** One end of a row of lineage. Without a type it is a table. */
export function endOf(row: Row, end: 'source' | 'destination'): AssetRef {
  const type = (textCell(row, `${end}_type`) ?? 'TABLE').trim().toUpperCase();
  const known = isEnd(type) ? type : VIEWS.has(type) ? 'VIEW' : TABLES.has(type) ? 'TABLE' : null;
  if (known === null) throw new CellError(`${end}_type is none of ${[...ENDS].join(', ')}: ${type.slice(0, 40)}`);
  return {
    type: known,
    database: nameCell(row, `${end}_database`),
    schema: nameCell(row, `${end}_schema`),
    name: nameCell(row, `${end}_name`),
  };
}

const LOG_COLUMNS = COLUMN_SETS.query_logs;
const NAMED: ReadonlySet<string> = new Set([...(LOG_COLUMNS?.required ?? []), ...(LOG_COLUMNS?.optional ?? [])]);

/** A row of query logs; columns of other names go into `extra`. */
export function logOf(row: Row): QueryLog {
  const code = row['error_code'];
  return {
    noun: 'query_log',
    start_time: neededTime(row, 'start_time'),
    end_time: neededTime(row, 'end_time'),
    query_text: neededCell(row, 'query_text'),
    query_id: textCell(row, 'query_id'),
    user: textCell(row, 'user'),
    error_code: typeof code === 'number' ? code : textCell(row, 'error_code'),
    error_text: textCell(row, 'error_text'),
    returned_rows: countCell(row, 'returned_rows'),
    extra: extraCells(row, NAMED),
  };
}
