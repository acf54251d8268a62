import { McIngestError, ProblemsError } from '../errors.ts';
import type { PushFailure, PushSummary } from '../montecarlo/push-types.ts';
import type { Receipt } from '../montecarlo/types.ts';
import { applied } from '../plan/applied.ts';
import type { AppliedItem, Change, PushRecord } from '../plan/types.ts';
import type { CollectEnd } from '../sources/source.ts';
import type { RunChange } from '../state/types.ts';
import type { AssetStats, Collected } from './collect.ts';
import type { Recorder } from './recorder.ts';

/** A collect that another run had finished before it died: its manifest, and the batches that were accepted. */
export interface Resumable {
  readonly manifest: string;
  readonly accepted: readonly { readonly from: number; readonly to: number }[];
}

/** The two halves of a flow, as the run supplies them. */
export interface FlowWork {
  readonly recorder: Recorder;
  readonly run: string;
  readonly now: () => number;
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
    stats.newest_update < last &&
    !allow.has('freshness-backwards')
  )
    throw new McIngestError(
      'MCI351',
      'guarded',
      `the newest last_update_time went backwards: ${stats.newest_update} after ${last}`,
      { fix: 'look for a restored or wrong database; if it is right: --allow freshness-backwards' },
    );
}

/** A flow's place in the state after a push: watermark and times move only when everything was accepted. */
export function pushRecord(
  change: Change,
  facts: { at: string; summary: PushSummary; stats: AssetStats | null; end: CollectEnd | null },
): PushRecord {
  const before = change.before?.kind === 'flow' ? change.before.push : null;
  const { at, summary, stats, end } = facts;
  const finished = isFinished(summary);
  const watermark = end?.complete === true ? end.watermark?.to : undefined;
  const kept = watermark ?? before?.watermark;
  const full = change.mode !== 'volume_freshness';
  return {
    last_pushed_at: finished || summary.receipts.length > 0 ? at : (before?.last_pushed_at ?? null),
    last_full_at: finished && full ? at : (before?.last_full_at ?? null),
    events: summary.events,
    requests: summary.requests,
    ...(finished && kept !== undefined
      ? { watermark: kept }
      : before?.watermark === undefined
        ? {}
        : { watermark: before.watermark }),
    ...(finished ? {} : { unfinished: true }),
    ...(stats === null || stats.counted === 0 ? {} : { counted: { tables: stats.counted, zero: stats.zero } }),
    ...(stats?.newest_update == null ? {} : { newest_update: stats.newest_update }),
    ...(change.after?.kind === 'flow' && change.after.spec.collect === 'column_lineage'
      ? { lapses_at: new Date(Date.parse(at) + COLUMN_LINEAGE_DAYS * 86_400_000).toISOString() }
      : {}),
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
  if (refused != null) return { ...common, status: 'failed', error: errorOf(refused, summary) };
  if (summary.stopped) return { ...common, status: 'skipped', because: 'interrupted' };
  return { ...common, status: 'done' };
}

/** Carries one flow's push out: collect (or the manifest a dead run left), guards, push, and the flow's new place in the state. */
export async function applyFlow(change: Change, work: FlowWork): Promise<RunChange> {
  const before = change.before?.kind === 'flow' ? change.before : null;
  const at = new Date(work.now()).toISOString();
  const resumed = await work.resume(change);
  const collected = resumed === null ? await work.collect(change) : null;
  if (collected !== null) guardCounts(collected.stats, before?.push ?? null, work.allow);
  const place = (push: PushRecord): AppliedItem | null => applied(change, { run: work.run, at, push });
  const started: PushRecord = {
    ...(before?.push ?? { last_pushed_at: null, last_full_at: null, events: 0, requests: 0 }),
    unfinished: true,
  };
  const item = place(started);
  if (item === null) throw new Error(`${change.key} has no place in the state`);
  const summary = await work.push(
    change,
    collected?.manifest ?? resumed?.manifest ?? '',
    resumed?.accepted ?? [],
    item,
  );
  const record = pushRecord(change, { at, summary, stats: collected?.stats ?? null, end: collected?.end ?? null });
  await work.recorder.item(change.key, place(record), summary.learned);
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
