import { fold, isBatch, isInDoubt, operations } from './fold.ts';
import { keepRunRecord, runsIn } from './history.ts';
import { readJournal } from './journal.ts';
import { runRecordFrom } from './run-record.ts';
import type { Store, Stored } from './store.ts';
import type { JournalRecord, RunRecord, State } from './types.ts';

/** A batch of a flow's unfinished push. `from` and `to` are places in the manifest of `run` (`to` is exclusive). */
export interface RecoveredBatch {
  readonly run: string;
  readonly op: string;
  readonly from: number;
  readonly to: number;
  readonly sha256: string;
  readonly outcome: 'accepted' | 'refused' | 'not_sent' | 'in_doubt';
}

/** A flow whose push is unfinished, and all batches since its last finished one, oldest first. */
export interface UnfinishedFlow {
  readonly key: string;
  readonly batches: readonly RecoveredBatch[];
}

export interface Recovered {
  /** The state after recovery; null: nothing was ever saved. */
  readonly stored: Stored | null;
  /** The runs that had died: their records as now kept. */
  readonly runs: readonly RunRecord[];
  /** Keys of items that were sent and not answered. */
  readonly in_doubt: readonly string[];
  readonly flows: readonly UnfinishedFlow[];
}

/**
 * To be called under the lock, before anything else: folds the journals of dead runs into the state, saves it, and keeps
 * a record of each such run. Doing it again changes nothing. Throws MCI501 and MCI500 (exit 10), MCI520 (exit 11).
 */
export async function recover(store: Store): Promise<Recovered> {
  const { backend } = store;
  const before = await store.read();
  const journals = await runsIn(backend, 'journal');
  const kept = new Set(await runsIn(backend, 'runs'));
  const folded = new Set(before?.state.folded);
  let state: State = before?.state ?? store.fresh();
  const dead: RunRecord[] = [];
  for (const run of journals) {
    if (folded.has(run) && kept.has(run)) continue;
    const records = await readJournal(backend, run);
    // A crash before the very first record was whole leaves an empty journal: it is folded, too, so as not to be met again.
    state = fold(
      state,
      records.length === 0 ? [{ type: 'open', run, command: 'unknown', at: state.saved_at }] : records,
    );
    if (!kept.has(run)) dead.push(runRecordFrom(records, run));
  }
  const changed = state.folded.length !== (before?.state.folded.length ?? 0);
  const stored = changed ? await store.save(state, before?.version ?? null) : before;
  for (const record of dead) await keepRunRecord(backend, record);
  return { stored, runs: dead, ...(await leftOpen(store, stored?.state ?? null)) };
}

async function leftOpen(store: Store, state: State | null): Promise<Pick<Recovered, 'in_doubt' | 'flows'>> {
  const items = Object.values(state?.items ?? {});
  const open = items.filter((item) => item.kind === 'flow' && item.push.unfinished === true).map(({ key }) => key);
  const found = new Map<string, RecoveredBatch[]>(open.map((key) => [key, []]));
  if (open.length > 0)
    for (const run of state?.folded ?? []) collect(run, await readJournal(store.backend, run), found);
  return {
    in_doubt: items.filter((item) => item.in_doubt !== undefined).map(({ key }) => key),
    flows: [...found].map(([key, batches]) => ({ key, batches })),
  };
}

function collect(run: string, records: readonly JournalRecord[], found: Map<string, RecoveredBatch[]>): void {
  for (const operation of operations(records)) {
    const { intent, ack } = operation;
    const { from, to, sha256 } = intent.what;
    if (!isBatch(intent) || typeof from !== 'number' || typeof to !== 'number') continue;
    found.get(intent.key)?.push({
      run,
      op: intent.op,
      from,
      to,
      sha256: String(sha256 ?? ''),
      outcome: isInDoubt(operation) || ack === null ? 'in_doubt' : ack.outcome,
    });
  }
  for (const record of records) {
    const batches = record.type === 'item' ? found.get(record.key) : undefined;
    const finished = record.type === 'item' && (record.item?.kind !== 'flow' || record.item.push.unfinished !== true);
    if (batches !== undefined && finished) batches.length = 0;
  }
}
