import { McIngestError } from '../../errors.ts';
import type { QueryLog } from '../../model.ts';
import type { Row } from '../connection.ts';
import { matches } from '../patterns.ts';
import type { Client } from './client.ts';

const EXTENSION = `SELECT quote_ident(n.nspname) AS schema, string_to_array(e.extversion, '.')::int[] >= '{1,9}' AS dated,
  string_to_array(e.extversion, '.')::int[] >= '{1,11}' AS since
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`;

/**
 * An entry is a sum over all runs of a statement (constants replaced by $1, $2, …) since the sums were reset: that interval
 * is its start and end. `stats_since` came with PostgreSQL 17 and is per statement, the reset of all with 14; before that
 * nothing says since when the sums count. `toplevel`: statements inside functions are part of the call.
 */
function statementsQuery(schema: string, since: string): string {
  const utc = (time: string): string => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return `SELECT ${utc(since)} AS start_time, ${utc('clock_timestamp()')} AS end_time, s.query AS query_text, s.queryid::text AS queryid,
  d.datname AS database, r.rolname AS "user", s.rows::text AS rows, s.calls, s.total_exec_time, s.mean_exec_time
FROM ${schema}.pg_stat_statements s
CROSS JOIN (SELECT stats_reset FROM ${schema}.pg_stat_statements_info) i
JOIN pg_catalog.pg_database d ON d.oid = s.dbid LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid
WHERE s.toplevel AND s.calls > 0`;
}

function unusable(name: string, why: string, fix: string): McIngestError {
  return new McIngestError('MCI620', 'failed', `source ${name}: ${why}`, { fix });
}

function logOf(row: Row): QueryLog {
  const { queryid, database, user, calls, total_exec_time, mean_exec_time } = row;
  return {
    noun: 'query_log',
    start_time: String(row['start_time']),
    end_time: String(row['end_time']),
    query_text: String(row['query_text']),
    query_id: queryid === null ? undefined : `${String(database)}/${String(user)}/${String(queryid)}`,
    user: user === null ? undefined : String(user),
    returned_rows: String(row['rows']),
    extra: {
      aggregated: true,
      database,
      calls,
      total_exec_time_ms: total_exec_time,
      mean_exec_time_ms: mean_exec_time,
    },
  };
}

/** The statements of the databases the patterns mean, as sums. Texts that the role may not see are counted as missing. */
export async function* statements(
  client: Client,
  { name, missing }: { readonly name: string; readonly missing: (reason: string) => void },
): AsyncGenerator<QueryLog> {
  const [extension] = await client.query(EXTENSION);
  const { database, include, user } = client.settings;
  const csv = 'or read the csvlog of the server: logs: { csv: […] }';
  if (extension === undefined)
    throw unusable(
      name,
      `${database} has no extension pg_stat_statements`,
      `CREATE EXTENSION pg_stat_statements, ${csv}`,
    );
  if (extension['dated'] !== true)
    throw unusable(
      name,
      'this pg_stat_statements does not say since when it counts',
      `ALTER EXTENSION pg_stat_statements UPDATE on PostgreSQL 14 or later, ${csv}`,
    );
  const since = extension['since'] === true ? 's.stats_since' : 'i.stats_reset';
  const { rows } = await client.stream(statementsQuery(String(extension['schema']), since));
  let hidden = 0;
  for await (const some of rows)
    for (const row of some) {
      const of = String(row['database']);
      const wanted = include.length === 0 ? of === database : include.some((pattern) => matches(pattern.database, of));
      if (!wanted) continue;
      if (row['queryid'] === null) hidden += 1;
      else yield logOf(row);
    }
  if (hidden > 0) missing(`${hidden} statements of other roles are hidden from ${user}: grant it pg_read_all_stats`);
}
