import type { Collect } from '../../model.ts';

/** The result columns a query may have for one kind of data. Names are compared without regard to case. */
export interface ColumnSet {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Whether other columns are taken too, as members of `extra`. */
  readonly others: boolean;
}

const TABLE = ['database', 'schema', 'name', 'type'];
const ENDS = ['database', 'schema', 'name'].flatMap((part) => [`source_${part}`, `destination_${part}`]);
const END_TYPES = ['source_type', 'destination_type'];

/**
 * What each kind of data takes.
 *
 * metadata: `type` is TABLE or VIEW (BASE TABLE, MATERIALIZED VIEW and the like are understood). Columns come as rows that
 * follow each other (`column_name`, `column_type`, `column_description`), or as one JSON array `fields` of
 * `{name, type, description}`. Times are timestamps or ISO 8601; null is "not known", zero is sent.
 *
 * table_lineage: a row a pair; rows of a destination follow each other. column_lineage: a row a pair of columns.
 *
 * query_logs: any other column becomes a member of `extra`.
 */
export const COLUMN_SETS: Readonly<Partial<Record<Collect, ColumnSet>>> = {
  metadata: {
    required: TABLE,
    optional: [
      'description',
      'row_count',
      'byte_count',
      'last_update_time',
      'created_on',
      'view_query',
      'fields',
      'column_name',
      'column_type',
      'column_description',
    ],
    others: false,
  },
  table_lineage: { required: ENDS, optional: END_TYPES, others: false },
  column_lineage: { required: [...ENDS, 'source_column', 'destination_column'], optional: END_TYPES, others: false },
  query_logs: {
    required: ['start_time', 'end_time', 'query_text'],
    optional: ['query_id', 'user', 'error_code', 'error_text', 'returned_rows', 'extra'],
    others: true,
  },
};

/** Edits between two names; two letters that changed places are one. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same, swap));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}

function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const [best] = known.map((name) => ({ name, off: distance(word, name) })).sort((a, b) => a.off - b.off);
  return best !== undefined && best.off <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** What is wrong with a result's columns, one sentence each; empty when they fit. */
export function columnProblems(set: ColumnSet, given: readonly string[]): readonly string[] {
  const names = given.map((name) => name.toLowerCase());
  const known = [...set.required, ...set.optional];
  const missing = set.required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !known.includes(name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const hint = (near: string | undefined): string => (near === undefined ? '' : ` (did you mean ${near}?)`);
  const free = known.filter((name) => !names.includes(name));
  const problems = [...new Set(twice)].map((name) => `column ${name} is there twice`);
  if (!set.others) problems.push(...unknown.map((name) => `column ${name} is not known${hint(nearest(name, free))}`));
  for (const name of missing) {
    const near = set.others ? nearest(name, unknown) : undefined;
    problems.push(`column ${name} is missing${near === undefined ? '' : ` (is ${near} meant?)`}`);
  }
  if (names.includes('fields') && names.includes('column_name') && !set.others)
    problems.push('columns come as rows (column_name) or as fields, not as both');
  return problems;
}
