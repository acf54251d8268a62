import type { Count } from '../../model.ts';
import type { Row } from '../connection.ts';

/** A value that does not fit its column. The message names the column, the caller the row. */
export class CellError extends Error {
  override readonly name = 'CellError';
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** The form that is sent already, as connections give it; most times are. */
const UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/;

function given(row: Row, key: string): unknown {
  const value = row[key];
  return value === null ? undefined : value;
}

/** Text, or undefined for null. */
export function textCell(row: Row, key: string): string | undefined {
  const value = given(row, key);
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new CellError(`${key} is no text`);
}

/** Text that has to be there. */
export function neededCell(row: Row, key: string): string {
  const value = textCell(row, key);
  if (value === undefined) throw new CellError(`${key} is null`);
  return value;
}

/** A name: text that is not empty. */
export function nameCell(row: Row, key: string): string {
  const value = neededCell(row, key);
  if (value === '') throw new CellError(`${key} is empty`);
  return value;
}

/** A whole number from 0, of any size, never rounded. */
export function countCell(row: Row, key: string): Count | undefined {
  const value = given(row, key);
  if (value === undefined) return value;
  const text = String(value).trim().replace(/\.0+$/, '');
  if (/^-\d+$/.test(text) && Number(text) < 0)
    throw new CellError(`${key} is negative: ${text.slice(0, 40)}; a count that is not known is null`);
  if (/^-?\d+$/.test(text) && !(typeof value === 'number' && !Number.isSafeInteger(value))) return text;
  throw new CellError(`${key} is no whole number: ${String(value).slice(0, 40)}`);
}

/** A time in UTC with `Z`; one without a zone is taken as UTC. Microseconds are kept. */
export function timeCell(row: Row, key: string): string | undefined {
  const text = textCell(row, key);
  if (text === undefined || UTC.test(text)) return text;
  const parts = TIME.exec(text.trim());
  const [, day = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = parts ?? [];
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = parts === null ? Number.NaN : Date.parse(`${day}T${minute}:${second}${offset.toUpperCase()}`);
  if (Number.isNaN(at)) throw new CellError(`${key} is no time: ${text.slice(0, 40)}`);
  const digits = fraction.slice(0, 6).replace(/0+$/, '');
  return `${new Date(at).toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`;
}

export function neededTime(row: Row, key: string): string {
  const value = timeCell(row, key);
  if (value === undefined) throw new CellError(`${key} is null`);
  return value;
}

/** The members of a row that are not named, and those of `extra`. Undefined when there are none. */
export function extraCells(row: Row, named: ReadonlySet<string>): Row | undefined {
  const given = row['extra'] ?? {};
  const own: unknown = typeof given === 'string' ? parsed(given) : given;
  if (typeof own !== 'object' || own === null || Array.isArray(own)) throw new CellError('extra is no JSON object');
  const rest = Object.entries(row).filter(([key, value]) => !named.has(key) && value !== null);
  const extra = { ...own, ...Object.fromEntries(rest) };
  return Object.keys(extra).length === 0 ? undefined : extra;
}

/** JSON of a cell that the driver gave as text. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
