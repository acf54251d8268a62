import type { PushSummary } from '../montecarlo/push-types.ts';
import { applied } from '../plan/applied.ts';
import type { AppliedItem, Change, PushRecord } from '../plan/types.ts';
import type { CollectEnd } from '../sources/source.ts';
import type { AssetStats } from './collect.ts';

/** How long Monte Carlo keeps column lineage: 10 days (push contract, "How long things live"). */
const COLUMN_LINEAGE_MS = 10 * 86_400_000;

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
    ...lapses(change, finished ? at : null),
  };
}

/** Column lineage lives from a push of which nothing is left; until then what was there before lapses when it did. */
function lapses({ after, before }: Change, pushed: string | null): Pick<PushRecord, 'lapses_at'> {
  if (after?.kind !== 'flow' || after.spec.collect !== 'column_lineage') return {};
  const known = before?.kind === 'flow' ? before.push.lapses_at : undefined;
  const lapses_at = pushed === null ? known : new Date(Date.parse(pushed) + COLUMN_LINEAGE_MS).toISOString();
  return lapses_at === undefined ? {} : { lapses_at };
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
