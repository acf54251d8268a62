import type { PushSummary } from '../montecarlo/push-types.ts';
import { applied } from '../plan/applied.ts';
import type { AppliedItem, Change } from '../plan/types.ts';
import type { CollectEnd } from '../sources/source.ts';
import type { RunChange } from '../state/types.ts';
import type { Collected } from './collect.ts';
import { guardCounts } from './guard-counts.ts';
import { pushRecord, startedFlow } from './push-record.ts';
import { pushRow } from './push-row.ts';
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
