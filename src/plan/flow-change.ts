import { grouped } from '../grouped.ts';
import { fieldChanges } from './diff.ts';
import { common } from './lineage-change.ts';
import type { Look } from './look.ts';
import { DAY, HOUR, iso, tolerance } from './schedule.ts';
import type { AppliedFlow, Change, DesiredFlow, FieldChange, FlowSpec, PushRecord } from './types.ts';

const COLUMN_LINEAGE = 10 * DAY;
/** Column lineage is pushed again with this much life left beyond the next run. */
const COLUMN_LINEAGE_SLACK = DAY;

const NOUNS: Readonly<Record<string, string>> = { metadata: 'table', query_logs: 'query' };

function plural(count: number, noun: string): string {
  const many = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${grouped(count)} ${count === 1 ? noun : many}`;
}

function expected(spec: FlowSpec, push: PushRecord | undefined): readonly string[] {
  if (push === undefined || push.events === 0) return [];
  return [`~${plural(push.events, NOUNS[spec.collect] ?? 'event')}, ${plural(push.requests, 'request')}`];
}

/** What of a push stays behind for ever. */
function leaves({ collect }: FlowSpec): readonly string[] {
  if (collect === 'column_lineage') return ['leaves table edges that never expire'];
  return collect === 'table_lineage' ? ['its table edges never expire'] : [];
}

function reversibility({ collect }: FlowSpec): Change['reversibility'] {
  if (collect === 'column_lineage') return 'expires';
  return collect === 'metadata' ? 'reversible' : 'irreversible';
}

/** The fields that decide what is pushed. `every` and its like only decide when: changing them makes nothing due. */
function definition({ every: _every, full_every: _full, lag: _lag, ...rest }: FlowSpec): object {
  return rest;
}

/** When pushed column lineage lapses, in milliseconds; null for other flows and before the first push. */
export function columnsLapse(flow: AppliedFlow): number | null {
  const { last_pushed_at, lapses_at } = flow.push;
  if (flow.spec.collect !== 'column_lineage' || last_pushed_at === null) return null;
  return lapses_at === undefined ? Date.parse(last_pushed_at) + COLUMN_LINEAGE : Date.parse(lapses_at);
}

function isFullDue(spec: FlowSpec, push: PushRecord | undefined, now: number): boolean {
  if (spec.collect !== 'metadata' || spec.full_every === undefined || push?.last_full_at == null) return true;
  return now - Date.parse(push.last_full_at) >= spec.full_every - tolerance(spec.full_every);
}

interface Due {
  readonly reason: string;
  readonly due_at?: string;
  readonly fields?: readonly FieldChange[];
}

/** Why a flow is to be pushed now, or when it will be. */
function due(spec: FlowSpec, known: AppliedFlow | undefined, look: Look): Due | { readonly until: number } {
  if (known?.push.last_pushed_at == null) return { reason: 'never_pushed' };
  const fields = fieldChanges(definition(known.spec), definition(spec));
  if (fields.length > 0) return { reason: 'definition_changed', fields };
  const lapses = columnsLapse(known);
  const { now } = look.input;
  if (lapses !== null && lapses < now + look.interval + COLUMN_LINEAGE_SLACK)
    return { reason: 'column_lineage_lapses', due_at: iso(lapses) };
  const until = Date.parse(known.push.last_pushed_at) + spec.every;
  return now >= until - tolerance(spec.every) ? { reason: 'due', due_at: iso(until) } : { until };
}

/**
 * What becomes of a flow. A resource takes one push of a kind an hour (detectors count by the hour): all flows that are
 * due in a run go together as that push, a later run waits. A push that did not finish goes on at once: it is the same push.
 */
export function flowChange(after: DesiredFlow, look: Look): Change {
  const before = look.known.get(after.key);
  const known = before?.kind === 'flow' ? before : undefined;
  const { spec } = after;
  const { now } = look.input;
  const push = (why: Due): Change => ({
    ...common(after, before),
    reversibility: reversibility(spec),
    action: 'push',
    mode: why.reason === 'definition_changed' || isFullDue(spec, known?.push, now) ? 'full' : 'volume_freshness',
    effects: [...expected(spec, known?.push), ...leaves(spec)],
    ...why,
  });
  if (known?.push.unfinished === true) return push({ reason: 'unfinished' });
  const why = due(spec, known, look);
  const wait = (reason: string, until: number): Change => ({
    ...common(after, before),
    action: 'wait',
    reason,
    until: iso(until),
  });
  const last = look.lastPush(`${spec.resource} ${spec.collect}`);
  if (last !== undefined && now < last + HOUR - tolerance(HOUR)) {
    if ('until' in why && why.until > last + HOUR) return wait('not_due', why.until);
    return wait('second_push_in_the_hour', last + HOUR);
  }
  return 'until' in why ? wait('not_due', why.until) : push(why);
}
