import { McIngestError } from '../errors.ts';
import type { Option } from '../secret.ts';

const SEGMENT = '(?:"(?:[^"]|"")+"|[^".]+)';
/** JSON Schema pattern of `database.schema.table`; a reference may stand for any of it. */
export const PATTERN_SCHEMA = `^${SEGMENT}\\.${SEGMENT}\\.${SEGMENT}$|\\$\\{`;

/**
 * One segment as a regular expression that JavaScript and PostgreSQL read alike. `fold`: upper and lower case are the
 * same. `literal`: the name it stands for, when it has no `*`.
 */
export interface Segment {
  readonly source: string;
  readonly fold: boolean;
  readonly literal: string | null;
}

/** `database.schema.table`, each with `*` for any text. */
export interface TablePattern {
  readonly text: string;
  readonly database: Segment;
  readonly schema: Segment;
  readonly table: Segment;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function segment(text: string): Segment {
  if (text.startsWith('"')) {
    const name = text.slice(1, -1).replaceAll('""', '"');
    return { source: `^${escaped(name)}$`, fold: false, literal: name };
  }
  const source = text.split('*').map(escaped).join('(?:.|\\n)*');
  return { source: `^${source}$`, fold: true, literal: text.includes('*') ? null : text };
}

/** Reads a pattern. A segment in double quotes is taken as it stands: case, dots and `*` included. Null when it has not three segments. */
export function tablePattern(text: string): TablePattern | null {
  const parts = new RegExp(`^(${SEGMENT})\\.(${SEGMENT})\\.(${SEGMENT})$`, 's').exec(text.trim());
  const [, database, schema, table] = parts ?? [];
  if (database === undefined || schema === undefined || table === undefined) return null;
  return { text, database: segment(database), schema: segment(schema), table: segment(table) };
}

/** The patterns of a setting. Throws MCI619 for one that is none. */
export function tablePatterns(option: Option | undefined, setting: string): readonly TablePattern[] {
  return (Array.isArray(option) ? option : []).map((item: unknown) => {
    const pattern = typeof item === 'string' ? tablePattern(item) : null;
    if (pattern !== null) return pattern;
    throw new McIngestError('MCI619', 'config', `${setting}: ${JSON.stringify(item)} is no database.schema.table`, {
      fix: 'write three segments, * for any text, "…" around a name with dots: shop.public.*',
    });
  });
}

/** Whether a segment stands for this name. */
export function matches({ source, fold }: Segment, name: string): boolean {
  return new RegExp(source, fold ? 'iu' : 'u').test(name);
}
