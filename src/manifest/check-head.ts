import type { Problem } from '../errors.ts';
import { place } from './check-line.ts';
import type { Head } from './write.ts';

/** What `log_type` may be; anything else is refused by Monte Carlo after the 202. */
export const LOG_TYPES: readonly string[] = [
  'snowflake',
  'bigquery',
  'databricks',
  'databricks-metastore-sql-warehouse',
  'redshift',
  'hive-s3',
  'athena',
  'teradata',
  'clickhouse',
  's3',
  'presto-s3',
];

function problem(shown: string, facts: Pick<Problem, 'code' | 'path' | 'message' | 'fix'>): Problem {
  return { ...place(shown, 1), severity: 'error', ...facts };
}

/** The rules of the first line: a whole resource, and a `log_type` that Monte Carlo knows. */
export function headProblems({ collect, resource }: Head, shown: string): readonly Problem[] {
  const lineage = collect === 'table_lineage' || collect === 'column_lineage';
  const kind = collect === 'query_logs' ? 'log_type' : 'resource_type';
  const { uuid } = resource ?? {};
  const type = resource?.[kind];
  const problems: Problem[] = [];
  if (uuid == null && !lineage)
    problems.push(
      problem(shown, {
        code: 'MCI708',
        path: 'resource.uuid',
        message: 'the resource has no uuid',
        fix: 'name the warehouse resource',
      }),
    );
  if (uuid != null && type == null)
    problems.push(
      problem(shown, {
        code: 'MCI708',
        path: `resource.${kind}`,
        message: `the resource has a uuid but no ${kind}`,
        fix: `add "${kind}"`,
      }),
    );
  if (kind === 'log_type' && type != null && !LOG_TYPES.includes(type)) {
    const near = LOG_TYPES.find((known) => known.startsWith(type.toLowerCase()));
    const fix = near === undefined ? `one of: ${LOG_TYPES.join(', ')}` : `did you mean ${near}?`;
    problems.push(
      problem(shown, {
        code: 'MCI709',
        path: 'resource.log_type',
        message: `log_type "${type}" is not supported`,
        fix,
      }),
    );
  }
  return problems;
}
