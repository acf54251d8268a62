import { McIngestError, ProblemsError } from '../errors.ts';
import type { PushFailure, PushSummary } from '../montecarlo/push-types.ts';
import type { Receipt } from '../montecarlo/types.ts';
import { applied } from '../plan/applied.ts';
import type { AppliedItem, Change, PushRecord } from '../plan/types.ts';
import type { CollectEnd } from '../sources/source.ts';
import type { RunChange } from '../state/types.ts';
import type { AssetStats, Collected } from './collect.ts';
import { INTERRUPTED } from './outcome.ts';
import type { Recorder } from './recorder.ts';

/** A collect that another run had finished before it died: its manifest, and the batches that were accepted. */
export interface Resumable {
  readonly manifest: string;
  readonly accepted: readonly { readonly from: number; readonly to: number }[];
  /** How its collect ended; what it was worth for a watermark it still is. */
  readonly end?: Pick<CollectEnd, 'complete' | 'watermark'>;
}

/** The two halves of a flow, as the run supplies them. */
export interface FlowWork {
  readonly recorder: Recorder;
  readonly run: string;
  /** The plan's time, which counts as that of the push: when a place was free must not shift the schedule. */
  readonly at: string;
  readonly allow: ReadonlySet<string>;
  readonly collect: (change: Change) => Promise<Collected>;
  readonly resume: (change: Change) => Promise<Resumable | null>;
  readonly push: (
    change: Change,
    manifest: string,
    accepted: Resumable['accepted'],
    item: AppliedItem,
  ) => Promise<PushSummary>;
}

const SHARE = 0.3;
const AT_LEAST = 10;
const COLUMN_LINEAGE_DAYS = 10;

/** Refuses a push whose counts look like a broken read. Throws MCI350 or MCI351 (exit 7) with the numbers. */
export function guardCounts(stats: AssetStats, before: PushRecord | null, allow: ReadonlySet<string>): void {
  const known = before?.counted;
  if (known !== undefined && known.tables >= AT_LEAST && !allow.has('row-collapse')) {
    const fell = stats.zero - known.zero;
    if (fell > SHARE * known.tables)
      throw new McIngestError(
        'MCI350',
        'guarded',
        `row counts fell to zero in ${fell} of ${known.tables} tables since the last push`,
        { fix: 'look at the warehouse first; if it is true: --allow row-collapse' },
      );
  }
  const last = before?.newest_update;
  if (
    last !== undefined &&
    stats.newest_update !== null &&
    Date.parse(stats.newest_update) < Date.parse(last) &&
    !allow.has('freshness-backwards')
  )
    throw new McIngestError(
      'MCI351',
      'guarded',
      `the newest last_update_time went backwards: ${stats.newest_update} after ${last}`,
      { fix: 'look for a restored or wrong database; if it is right: --allow freshness-backwards' },
    );
}

const NEVER_PUSHED: PushRecord = { last_pushed_at: null, last_full_at: null, events: 0, requests: 0 };

function pushBefore({ before }: Change): PushRecord {
  return before?.kind === 'flow' ? before.push : NEVER_PUSHED;
}

/**
 * A flow's place in the state before its push begins: whatever ends the run, the next one knows that it is still to be
 * done, and does not take a sibling's push of the same resource for it.
 */
export function startedFlow(change: Change, { run, at }: { readonly run: string; readonly at: string }): AppliedItem {
  const before = pushBefore(change);
  const last_full_at = change.mode === 'volume_freshness' ? before.last_full_at : null;
  const item = applied(change, { run, at, push: { ...before, last_full_at, unfinished: true } });
  if (item === null) throw new Error(`${change.key} has no place in the state`);
  return item;
}

/** Events that are too large by themselves: they never go, and nothing else waits for them. */
const TOO_LARGE: ReadonlySet<string> = new Set(['MCI413', 'MCI415']);

/**
 * What is left after a push. `nothing`: sending it once more changes nothing. `anew`: what is collected next
 * replaces it. Query logs are sent once more as they are, for what was accepted of the window must not go twice.
 */
function leftRefused(
  change: Change,
  { summary, resumed }: Pick<PushFacts, 'summary' | 'resumed'>,
): 'nothing' | 'anew' | 'rest' {
  if (isFinished(summary)) return 'nothing';
  if (summary.refused.length === 0) return 'rest';
  const only = isFinished({ ...summary, refused: [] }) && !summary.key_refused;
  if (only && summary.refused.every(({ code }) => TOO_LARGE.has(code))) return 'nothing';
  if (change.after?.kind !== 'flow' || change.after.spec.collect !== 'query_logs') return 'anew';
  return only && resumed === true ? 'nothing' : 'rest';
}

interface PushFacts {
  readonly at: string;
  readonly summary: PushSummary;
  readonly stats: AssetStats | null;
  readonly end: Pick<CollectEnd, 'complete' | 'watermark'> | null;
  /** It went on with what a run before had left. */
  readonly resumed?: boolean;
}

/** A flow's place in the state after a push: watermark and times move only when nothing of it is left to be sent. */
export function pushRecord(change: Change, facts: PushFacts): PushRecord {
  const before = change.before?.kind === 'flow' ? change.before.push : null;
  const { at, summary, stats, end } = facts;
  const left = leftRefused(change, facts);
  const finished = left === 'nothing';
  const watermark = end?.complete === true ? end.watermark?.to : undefined;
  const kept = watermark ?? before?.watermark;
  const full = change.mode !== 'volume_freshness';
  return {
    last_pushed_at: finished || summary.receipts.length > 0 ? at : (before?.last_pushed_at ?? null),
    last_full_at: full ? (finished ? at : null) : (before?.last_full_at ?? null),
    events: summary.events,
    requests: summary.requests,
    ...(finished && kept !== undefined
      ? { watermark: kept }
      : before?.watermark === undefined
        ? {}
        : { watermark: before.watermark }),
    ...(finished ? {} : { unfinished: true }),
    ...(left === 'anew' ? { anew: true } : {}),
    ...seen(stats, before),
    ...(change.after?.kind === 'flow' && change.after.spec.collect === 'column_lineage'
      ? { lapses_at: new Date(Date.parse(at) + COLUMN_LINEAGE_DAYS * 86_400_000).toISOString() }
      : {}),
  };
}

/** What the guards compare the next collect with. */
function seen(stats: AssetStats | null, before: PushRecord | null): Pick<PushRecord, 'counted' | 'newest_update'> {
  const counted = stats === null ? before?.counted : { tables: stats.counted, zero: stats.zero };
  const newest = stats === null ? before?.newest_update : stats.newest_update;
  return {
    ...(counted === undefined || counted.tables === 0 ? {} : { counted }),
    ...(newest == null ? {} : { newest_update: newest }),
  };
}

/** Whether everything was accepted. */
export function isFinished(summary: PushSummary): boolean {
  return (
    summary.refused.length === 0 &&
    summary.in_doubt.length === 0 &&
    summary.unreadable === null &&
    summary.unavailable === null &&
    !summary.stopped
  );
}

/** Everything that was not accepted and why: in doubt, refused, not readable, not sent. */
export function failuresOf(summary: PushSummary): readonly PushFailure[] {
  const single = [summary.unreadable, summary.unavailable].filter((failure) => failure !== null);
  return [...summary.in_doubt, ...summary.refused, ...single];
}

function errorOf(
  { code, message }: PushFailure,
  summary: PushSummary,
): { readonly code: string; readonly message: string } {
  const more = failuresOf(summary).length - 1;
  return { code, message: more === 0 ? message : `${message}; and ${more} more` };
}

/** What became of a push, as a row of the run. */
export function pushRow(
  change: Pick<Change, 'key' | 'action'>,
  facts: { readonly summary: PushSummary; readonly collected: Collected | null },
): RunChange {
  const { summary, collected } = facts;
  const end = collected?.end;
  const common = {
    key: change.key,
    action: change.action,
    receipts: summary.receipts as readonly Receipt[],
    ...(collected === null || end === undefined
      ? {}
      : {
          collected: {
            events: collected.events,
            complete: end.complete,
            ...(collected.cut === 0 ? {} : { cut: collected.cut }),
            ...(end.watermark?.from === undefined ? {} : { from: end.watermark.from }),
            ...(end.watermark === undefined ? {} : { to: end.watermark.to }),
          },
          ...(end.missing.length === 0 ? {} : { because: `incomplete: ${end.missing.join('; ')}` }),
        }),
  };
  const doubt = summary.in_doubt[0];
  if (doubt !== undefined) return { ...common, status: 'unknown', error: errorOf(doubt, summary) };
  const refused = summary.refused[0] ?? summary.unreadable ?? summary.unavailable;
  if (refused != null && refused.code !== INTERRUPTED)
    return { ...common, status: 'failed', error: errorOf(refused, summary) };
  if (summary.stopped || refused != null) return { ...common, status: 'skipped', because: 'interrupted' };
  return { ...common, status: 'done' };
}

/** Once something of a new collect is sent, that is what is gone on with. */
function withoutAnew(item: AppliedItem): AppliedItem {
  if (item.kind !== 'flow') return item;
  const { anew: _anew, ...push } = item.push;
  return { ...item, push };
}

/** Carries one flow's push out: collect (or the manifest a dead run left), guards, push, and the flow's new place in the state. */
export async function applyFlow(change: Change, work: FlowWork): Promise<RunChange> {
  const before = change.before?.kind === 'flow' ? change.before : null;
  const { at } = work;
  const resumed = await work.resume(change);
  const collected = resumed === null ? await work.collect(change) : null;
  if (collected !== null) guardCounts(collected.stats, before?.push ?? null, work.allow);
  const item = withoutAnew(startedFlow(change, work));
  const summary = await work.push(
    change,
    collected?.manifest ?? resumed?.manifest ?? '',
    resumed?.accepted ?? [],
    item,
  );
  const end = collected?.end ?? resumed?.end ?? null;
  const stats = collected?.stats ?? null;
  const push = pushRecord(change, { at, summary, stats, end, resumed: resumed !== null });
  await work.recorder.item(change.key, applied(change, { run: work.run, at, push }), summary.learned);
  if (change.moved_from !== undefined) await work.recorder.item(change.moved_from, null);
  return pushRow(change, { summary, collected });
}

/** What an error says on one line; of many problems the first, with its place. */
function saidBy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ProblemsError)) return message;
  const [first, ...rest] = error.problems.filter(({ severity }) => severity === 'error');
  if (first === undefined) return message;
  const more = rest.length === 0 ? '' : `; and ${rest.length} more`;
  return `${first.file}:${first.line}:${first.column}  ${first.message}${more}`;
}

/** A row for whatever a change threw. */
export function failedRow(change: Pick<Change, 'key' | 'action'>, error: unknown): RunChange {
  const known = error instanceof McIngestError;
  const fix = known && error.fix !== undefined ? `; ${error.fix}` : '';
  const base = { key: change.key, action: change.action, receipts: [] };
  if (known && error.exit === 'interrupted') return { ...base, status: 'skipped', because: 'interrupted' };
  return {
    ...base,
    status: 'failed',
    error: {
      code: known ? error.code : 'MCI001',
      message: `${saidBy(error)}${fix}`,
    },
  };
}
