import type { Collect } from '../model.ts';
import { parseExact, printExact } from './exact-json.ts';
import { isSentTime, utcTime } from './time.ts';

type Members = Record<string, unknown>;

/** Members of the vendor: what is in them is sent as it is, nulls too. */
const OPEN = new Set(['extra', 'attributes', 'raw', 'event_trigger', 'structured_fields']);
/** Lists that are left out when empty. `sources` and `source_fields` are sent empty. */
const DROPPED_EMPTY: Readonly<Record<Collect, ReadonlySet<string>>> = {
  metadata: new Set(['tags', 'fields']),
  table_lineage: new Set(['fields']),
  column_lineage: new Set(['fields']),
  query_logs: new Set(),
  etl: new Set([
    'inputs',
    'outputs',
    'properties',
    'tasks',
    'notification_emails',
    'upstream_job_source_ids',
    'upstream_task_source_ids',
    'triggered_job_source_ids',
  ]),
  etl_runs: new Set([
    'inputs',
    'outputs',
    'properties',
    'task_runs',
    'upstream_job_source_ids',
    'upstream_failed_task_source_ids',
  ]),
  bi: new Set(['inputs', 'properties', 'upstream_assets', 'downstream_assets']),
};
const TIMES = ['start_time', 'end_time'] as const;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isDropped(key: string, member: unknown, drop: ReadonlySet<string>): boolean {
  return member === null || (Array.isArray(member) && member.length === 0 && drop.has(key));
}

function reduced(value: unknown, drop: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => reduced(item, drop));
  if (!isObject(value)) return value;
  const kept: Members = {};
  for (const [key, member] of Object.entries(value))
    if (!isDropped(key, member, drop)) kept[key] = OPEN.has(key) ? member : reduced(member, drop);
  return kept;
}

function isReduced(value: unknown, drop: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => isReduced(item, drop));
  for (const key in value) {
    const member = (value as Members)[key];
    if (isDropped(key, member, drop)) return false;
    if (typeof member === 'object' && !OPEN.has(key) && !isReduced(member, drop)) return false;
  }
  return true;
}

/** Whether a parsed event is in the form that is sent already, so that its line can go as it stands. */
export function isSentForm(collect: Collect): (event: unknown) => boolean {
  const drop = DROPPED_EMPTY[collect];
  if (collect !== 'query_logs') return (event) => isReduced(event, drop);
  return (event) =>
    isReduced(event, drop) &&
    isObject(event) &&
    TIMES.every((name) => typeof event[name] !== 'string' || isSentTime(event[name]));
}

/** Blanks around a value are not looked for: such a line is parsed, and comes back as it was if nothing is to change. */
function suspicious(line: string, collect: Collect): boolean {
  return collect === 'query_logs' || line.includes('null') || line.includes('[]') || /\[\s+\]/.test(line);
}

/**
 * Turns one event line into the form that is sent: absent instead of null, no empty tags and fields, query-log times in
 * UTC. A line that is in that form already comes back as the same text; numbers of any size keep theirs.
 */
export function normaliser(collect: Collect): (line: string) => string {
  const drop = DROPPED_EMPTY[collect];
  const sent = isSentForm(collect);
  return (line) => {
    if (!suspicious(line, collect)) return line;
    const event = parseExact(line);
    if (sent(event)) return line;
    const next = reduced(event, drop) as Members;
    if (collect === 'query_logs')
      for (const name of TIMES) if (typeof next[name] === 'string') next[name] = utcTime(next[name]) ?? next[name];
    return printExact(next);
  };
}
