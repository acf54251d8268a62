import { fold, isBatch, isInDoubt, type Operation, operations } from './fold.ts';
import { keepRunRecord, runsIn } from './history.ts';
import type { ProcessFacts } from './holder.ts';
import { readJournal } from './journal.ts';
import { liveHolder } from './lock.ts';
import { runRecordFrom } from './run-record.ts';
import { sha256 } from './sha256.ts';
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

interface Unfolded {
  readonly before: Stored | null;
  /** The state with the journals of dead runs folded in. */
  readonly state: State;
  readonly changed: boolean;
  readonly dead: readonly RunRecord[];
}

/**
 * A first state that dead runs left behind has its lineage from the first of them: what `plan` looks ahead to and what
 * `apply` then recovers is the same state, and a plan saved in between is not stale.
 */
function firstState(store: Store, run: string | undefined): State {
  const fresh = store.fresh();
  if (run === undefined) return fresh;
  const hex = sha256(store.project, ' ', run);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return { ...fresh, lineage: parts.join('-') };
}

/** Folds what dead runs left in their journals into the state, in memory. `alive` is a run whose journal is still written. */
async function unfolded(store: Store, alive: string | null): Promise<Unfolded> {
  const { backend } = store;
  const before = await store.read();
  const kept = new Set(await runsIn(backend, 'runs'));
  const folded = new Set(before?.state.folded);
  const journals = await runsIn(backend, 'journal');
  let state: State = before?.state ?? firstState(store, journals[0]);
  const dead: RunRecord[] = [];
  for (const run of journals) {
    if (run === alive || (folded.has(run) && kept.has(run))) continue;
    const records = await readJournal(backend, run);
    // A crash before the very first record was whole leaves an empty journal: it is folded, too, so as not to be met again.
    state = fold(
      state,
      records.length === 0 ? [{ type: 'open', run, command: 'unknown', at: state.saved_at }] : records,
    );
    if (!kept.has(run)) dead.push(runRecordFrom(records, run));
  }
  return { before, state, dead, changed: state.folded.length !== (before?.state.folded.length ?? 0) };
}

/**
 * The state as the next run will find it, nothing written: what a dead run did is seen by `plan`, too. Needs no lock; the
 * journal of a run that is at work now is left out. Null: nothing was ever done.
 */
export async function lookAhead(store: Store, facts: ProcessFacts): Promise<State | null> {
  const holder = await liveHolder(store.backend, facts);
  const { before, state, changed } = await unfolded(store, holder?.run ?? null);
  return changed ? state : (before?.state ?? null);
}

/**
 * To be called under the lock, before anything else: folds the journals of dead runs into the state, saves it, and keeps
 * a record of each such run. Doing it again changes nothing. Throws MCI501 and MCI500 (exit 10), MCI520 (exit 11).
 */
export async function recover(store: Store): Promise<Recovered> {
  const { before, state, changed, dead } = await unfolded(store, null);
  const stored = changed ? await store.save(state, before?.version ?? null) : before;
  for (const record of dead) await keepRunRecord(store.backend, record);
  return { stored, runs: dead, ...(await leftOpen(store, stored?.state ?? null)) };
}

async function leftOpen(store: Store, state: State | null): Promise<Pick<Recovered, 'in_doubt' | 'flows'>> {
  const items = Object.values(state?.items ?? {});
  const open = items.filter((item) => item.kind === 'flow' && item.push.unfinished === true).map(({ key }) => key);
  const found = new Map<string, RecoveredBatch[]>(open.map((key) => [key, []]));
  const wanted = new Set(open);
  // Newest first, and only as far back as the last finished push of each: the history of a year is not read again.
  for (const run of (state?.folded ?? []).toReversed()) {
    if (wanted.size === 0) break;
    collect(await readJournal(store.backend, run), { run, wanted, found });
  }
  return {
    in_doubt: items.filter((item) => item.in_doubt !== undefined).map(({ key }) => key),
    flows: [...found].map(([key, batches]) => ({ key, batches })),
  };
}

interface Gathering {
  readonly run: string;
  /** Flows whose last finished push was not met yet. */
  readonly wanted: Set<string>;
  readonly found: ReadonlyMap<string, RecoveredBatch[]>;
}

function isFinish(record: JournalRecord): boolean {
  return record.type === 'item' && (record.item?.kind !== 'flow' || record.item.push.unfinished !== true);
}

/** Adds the batches of one journal, in front of those of the newer journals. */
function collect(records: readonly JournalRecord[], { run, wanted, found }: Gathering): void {
  for (const key of [...wanted]) {
    const finished = records.findLastIndex(
      (record) => record.type === 'item' && record.key === key && isFinish(record),
    );
    if (finished >= 0) wanted.delete(key);
    const since = new Set(
      records
        .slice(finished + 1)
        .flatMap((record) => (record.type === 'intent' && record.key === key ? [record.op] : [])),
    );
    const batches = operations(records).filter(({ intent }) => since.has(intent.op));
    found.get(key)?.unshift(...batches.flatMap((operation) => batchOf(operation, run)));
  }
}

function batchOf(operation: Operation, run: string): readonly RecoveredBatch[] {
  const { intent, ack } = operation;
  const { from, to, sha256 } = intent.what;
  if (!isBatch(intent) || typeof from !== 'number' || typeof to !== 'number') return [];
  const outcome = isInDoubt(operation) || ack === null ? 'in_doubt' : ack.outcome;
  return [{ run, op: intent.op, from, to, sha256: String(sha256 ?? ''), outcome }];
}
