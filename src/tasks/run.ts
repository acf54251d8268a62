import { applied } from '../plan/applied.ts';
import type { Change, Plan } from '../plan/types.ts';
import type { RunChange } from '../state/types.ts';
import { applyLineage, type LineageClient, type LineageWork, type Old, retireOld } from './custom-lineage.ts';
import { type FlowEffects, flowWork } from './effects.ts';
import { execute } from './execute.ts';
import { applyFlow } from './flow.ts';
import { startedFlow } from './push-record.ts';
import { failedRow } from './push-row.ts';
import type { Recorder } from './recorder.ts';
import { Progress, type View } from './rows.ts';

export interface CarryOut {
  readonly plan: Plan;
  readonly run: string;
  readonly recorder: Recorder;
  /** Opened on the first mutation, so that a run of flows needs no GraphQL key. */
  readonly client: () => LineageClient;
  readonly effects: (progress: Progress) => FlowEffects;
  readonly view: View;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const PLACES = { mutations: 4, flows: 4 };

/**
 * Refused keys end the work of their lane, a 403 of a push that of its resource: asking on with a wrong key only makes
 * noise at the other side.
 */
class RefusedKeys {
  #mutations = false;
  #flows = false;
  readonly #resources = new Set<string>();

  note(change: Change, row: RunChange): void {
    const code = row.error?.code;
    if (code !== 'MCI411' && code !== 'MCI412') return;
    if (change.kind !== 'flow') this.#mutations = true;
    else if (code === 'MCI411') this.#flows = true;
    else this.#resources.add(resourceOf(change));
  }

  stops(change: Change): boolean {
    if (change.kind !== 'flow') return this.#mutations;
    return this.#flows || this.#resources.has(resourceOf(change));
  }
}

function resourceOf({ after }: Change): string {
  return after?.kind === 'flow' ? after.spec.resource : '';
}

/** Work beyond the state: a rename of what is kept is none. */
function isTask(change: Change): boolean {
  return change.action !== 'keep' && change.action !== 'wait';
}

/** Writes what only the state has to learn: renamed keys of items that are kept. */
async function recordMoves(
  changes: readonly Change[],
  { recorder, run, now }: CarryOut,
): Promise<readonly RunChange[]> {
  const rows: RunChange[] = [];
  for (const change of changes) {
    if (change.moved_from === undefined) continue;
    await recorder.item(change.key, applied(change, { run, at: new Date(now()).toISOString() }));
    await recorder.item(change.moved_from, null);
    rows.push({
      key: change.key,
      action: change.action,
      status: 'done',
      because: `moved from ${change.moved_from}`,
      receipts: [],
    });
  }
  return rows;
}

/** Which flows are about to be pushed, before the first of them is. */
async function recordStarts(work: readonly Change[], { recorder, run, plan }: CarryOut): Promise<void> {
  const flows = work.filter(({ kind, action }) => kind === 'flow' && action === 'push');
  await Promise.all(flows.map((change) => recorder.item(change.key, startedFlow(change, { run, at: plan.now }))));
}

/** What a change leaves behind that is still to be removed; null: nothing, or it lives on as another item. */
function leftBehind({ action, before, taken_by }: Change): Old | null {
  if (action !== 'replace' || before === undefined || before.kind === 'flow' || taken_by !== undefined) return null;
  if (before.kind === 'edge') return { edge: before.old_spec ?? before.spec };
  const mcon = before.old_mcon ?? before.mcon;
  return mcon === null ? null : { mcon };
}

/** After everything else: the old objects of replaces whose edges have moved. */
async function retire(
  changes: readonly Change[],
  rows: readonly RunChange[],
  { work, signal, keys }: { readonly work: LineageWork; readonly signal: AbortSignal; readonly keys: RefusedKeys },
): Promise<readonly RunChange[]> {
  const done = new Map(rows.map((row) => [row.key, row]));
  // What was written in this run is alive, whatever the state thought of it before.
  const alive = new Set(
    rows
      .filter(({ action }) => action !== 'delete')
      .flatMap(({ receipts }) => receipts.flatMap(({ mcon }) => mcon ?? [])),
  );
  const stuck = new Set<string>();
  for (const change of changes)
    if (change.kind === 'edge' && done.get(change.key)?.status !== 'done')
      for (const need of change.needs ?? []) stuck.add(need);
  const merged: RunChange[] = [];
  for (const change of changes) {
    const old = leftBehind(change);
    const row = done.get(change.key);
    if (old === null || row?.status !== 'done' || stuck.has(change.key)) continue;
    if ('mcon' in old && alive.has(old.mcon)) continue;
    if (signal.aborted || keys.stops(change)) {
      merged.push({ ...row, status: 'skipped', because: signal.aborted ? 'interrupted' : 'the key was refused' });
      continue;
    }
    const gone = await retireOld(change, old, work);
    keys.note(change, gone);
    merged.push({
      ...row,
      status: gone.status,
      ...(gone.error === undefined ? {} : { error: gone.error }),
      receipts: [...row.receipts, ...gone.receipts],
    });
  }
  return merged;
}

/** Carries a plan out. The end accounts for every change: done, failed, unknown, skipped (why), waiting (until when). */
export async function carryOut(options: CarryOut): Promise<readonly RunChange[]> {
  const { plan, signal, recorder, run, now, view } = options;
  const work = plan.changes.filter(isTask);
  const progress = new Progress(work, view);
  const flows = flowWork(options.effects(progress), plan.now);
  const lineage: LineageWork = {
    recorder,
    run,
    now,
    get client() {
      return options.client();
    },
  };
  const keys = new RefusedKeys();
  const act = async (change: Change): Promise<RunChange> => {
    if (keys.stops(change))
      return {
        key: change.key,
        action: change.action,
        status: 'skipped',
        because: 'the key was refused',
        receipts: [],
      };
    try {
      const row =
        change.kind === 'flow' && change.action === 'push'
          ? await applyFlow(change, flows)
          : await applyLineage(change, lineage);
      keys.note(change, row);
      return row;
    } catch (error) {
      return failedRow(change, error);
    }
  };
  try {
    const moved = await recordMoves(
      plan.changes.filter((change) => !isTask(change)),
      options,
    );
    await recordStarts(work, options);
    const rows = await execute(work, { act, signal, places: PLACES, onEnd: (row) => progress.end(row) });
    const retired = new Map((await retire(work, rows, { work: lineage, signal, keys })).map((row) => [row.key, row]));
    for (const change of work) {
      const row = retired.get(change.key);
      if (row?.status === 'done') await recorder.item(change.key, withoutOld(change, row, options));
    }
    const waiting = plan.changes.filter((change) => change.action === 'wait').map(waitingRow);
    return [...moved, ...rows.map((row) => retired.get(row.key) ?? row), ...waiting];
  } finally {
    await progress.close();
  }
}

function withoutOld(change: Change, row: RunChange, { run, now }: CarryOut): ReturnType<typeof applied> {
  const mcon = row.receipts.find((receipt) => receipt.mcon !== undefined)?.mcon;
  return applied(change, {
    run,
    at: new Date(now()).toISOString(),
    ...(mcon === undefined ? {} : { mcon }),
    retired: true,
  });
}

function waitingRow(change: Change): RunChange {
  return {
    key: change.key,
    action: 'wait',
    status: 'waiting',
    because: change.reason,
    ...(change.until === undefined ? {} : { until: change.until }),
    receipts: [],
  };
}
