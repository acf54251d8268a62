import type { Problem } from '../errors.ts';
import type { Collect } from '../model.ts';
import { place } from './check-line.ts';
import { nearest } from './suggest.ts';
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
const MEMBERS = ['flow', 'collect', 'resource', 'event_type', 'event_time', 'started_at'];
const RESOURCE_MEMBERS = ['uuid', 'resource_type', 'log_type'];
const EVENT_TYPES = ['LINEAGE', 'COLUMN_LINEAGE'];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Facts = Pick<Problem, 'code' | 'path' | 'message' | 'fix'>;
type Say = (facts: Facts, severity?: Problem['severity']) => void;
type Values = Readonly<Record<string, unknown>>;

function isLineage(collect: Collect): boolean {
  return collect === 'table_lineage' || collect === 'column_lineage';
}

/** A member near a known one is a slip of the pen; others may come from a later version of the format. */
function unknownMembers(values: object, known: readonly string[], { path, say }: { path: string; say: Say }): void {
  for (const name of Object.keys(values)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const fix = near === undefined ? 'it is left out' : `did you mean ${near}?`;
    say(
      { code: 'MCI714', path: `${path}${name}`, message: `unknown member ${name}`, fix },
      near === undefined ? 'warning' : 'error',
    );
  }
}

function logType(type: string, say: Say): void {
  if (LOG_TYPES.includes(type)) return;
  const lower = type.toLowerCase();
  const near = LOG_TYPES.find((known) => known.startsWith(lower)) ?? nearest(type, LOG_TYPES);
  const fix = near === undefined || type === '' ? `one of: ${LOG_TYPES.join(', ')}` : `did you mean ${near}?`;
  say({ code: 'MCI709', path: 'resource.log_type', message: `log_type "${type}" is not supported`, fix });
}

function resourceType(collect: Collect, resource: Values, say: Say): void {
  const kind = collect === 'query_logs' ? 'log_type' : 'resource_type';
  const type = resource[kind];
  const path = `resource.${kind}`;
  if (type === undefined) {
    if (resource['uuid'] === undefined) return;
    say({ code: 'MCI708', path, message: `the resource has a uuid but no ${kind}`, fix: `add "${kind}"` });
  } else if (typeof type !== 'string')
    say({ code: 'MCI708', path, message: `${kind} is not a text`, fix: `name the ${kind}` });
  else if (kind === 'log_type') logType(type, say);
}

function resourceUuid(collect: Collect, uuid: unknown, say: Say): void {
  const path = 'resource.uuid';
  const fix = 'name the warehouse resource by its UUID';
  if (uuid === undefined) {
    if (!isLineage(collect)) say({ code: 'MCI708', path, message: 'the resource has no uuid', fix });
  } else if (typeof uuid !== 'string' || uuid === '')
    say({ code: 'MCI708', path, message: 'the uuid of the resource is empty or not a text', fix });
  else if (!UUID.test(uuid)) say({ code: 'MCI708', path, message: `"${uuid}" is not a UUID`, fix }, 'warning');
}

function eventMembers({ collect, event_type: type, event_time: time }: Head, say: Say): void {
  if (type !== undefined && !isLineage(collect))
    say({ code: 'MCI714', path: 'event_type', message: `event_type cannot be set for ${collect}`, fix: 'remove it' });
  else if (type !== undefined && !EVENT_TYPES.includes(type))
    say({
      code: 'MCI714',
      path: 'event_type',
      message: 'not an event_type',
      fix: `one of: ${EVENT_TYPES.join(', ')}`,
    });
  if (time !== undefined && (collect !== 'etl_runs' || typeof time !== 'string'))
    say({ code: 'MCI714', path: 'event_time', message: 'event_time is a text, for etl_runs alone', fix: 'remove it' });
}

/** The rules of the first line: known members only, a whole resource, and a `log_type` that Monte Carlo knows. */
export function headProblems(head: Head, shown: string): readonly Problem[] {
  const problems: Problem[] = [];
  const say: Say = (facts, severity = 'error') => problems.push({ ...place(shown, 1), severity, ...facts });
  unknownMembers(head, MEMBERS, { path: '', say });
  const resource: unknown = head.resource ?? {};
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource))
    say({ code: 'MCI708', path: 'resource', message: 'the resource is not an object', fix: 'give {"uuid", …}' });
  else {
    const values = resource as Values;
    unknownMembers(values, RESOURCE_MEMBERS, { path: 'resource.', say });
    resourceUuid(head.collect, values['uuid'], say);
    resourceType(head.collect, values, say);
  }
  eventMembers(head, say);
  return problems;
}
