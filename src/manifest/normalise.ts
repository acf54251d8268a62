import type { Collect } from '../model.ts';
import { parseExact, printExact } from './exact-json.ts';
import { utcTime } from './time.ts';

type Members = Record<string, unknown>;

/** Members of the vendor: what is in them is sent as it is, nulls too. */
const OPEN = new Set(['extra', 'attributes', 'raw', 'event_trigger', 'structured_fields']);
/** Lists that are left out when empty. `sources` and `source_fields` are sent empty. */
const DROPPED_EMPTY: Readonly<Record<Collect, ReadonlySet<string>>> = {
  metadata: new Set(['tags', 'fields']),
  table_lineage: new Set(['fields']),
  column_lineage: new Set(['fields']),
  query_logs: new Set(),
  etl: new Set(['inputs', 'outputs', 'properties', 'tasks']),
  etl_runs: new Set(['inputs', 'outputs', 'properties', 'task_runs']),
  bi: new Set(['inputs', 'properties', 'upstream_assets', 'downstream_assets']),
};
const SENT_TIME = /"start_time":\s*"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"/;
const SENT_END = /"end_time":\s*"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"/;
const MAY_CHANGE = /\bnull\b|\[\s*\]/;

function reduced(value: unknown, drop: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => reduced(item, drop));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const kept: Members = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === null || (Array.isArray(member) && member.length === 0 && drop.has(key))) continue;
    kept[key] = OPEN.has(key) ? member : reduced(member, drop);
  }
  return kept;
}

/** Whether a line may differ from its sent form; false only when it surely does not. */
function suspicious(line: string, collect: Collect): boolean {
  if (MAY_CHANGE.test(line)) return true;
  if (collect !== 'query_logs') return false;
  return !SENT_TIME.test(line) || !SENT_END.test(line) || line.includes('.000000Z"');
}

/**
 * Turns one event line into the form that is sent: absent instead of null, no empty tags and fields, query-log times in
 * UTC. A line that is in that form already comes back as the same text; numbers of any size keep theirs.
 */
export function normaliser(collect: Collect): (line: string) => string {
  const drop = DROPPED_EMPTY[collect];
  return (line) => {
    if (!suspicious(line, collect)) return line;
    const event = parseExact(line);
    const next = reduced(event, drop) as Members;
    if (collect === 'query_logs')
      for (const key of ['start_time', 'end_time']) if (typeof next[key] === 'string') next[key] = utcTime(next[key]);
    const printed = printExact(next);
    return printed === printExact(event) ? line : printed;
  };
}
