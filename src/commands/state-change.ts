import { randomUUID } from 'node:crypto';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { AppliedItem, ItemKey } from '../plan/types.ts';
import { fold } from '../state/fold.ts';
import { keepRunRecord } from '../state/history.ts';
import { openJournal } from '../state/journal.ts';
import { withLock } from '../state/lock.ts';
import { recover } from '../state/recover.ts';
import { runRecordFrom } from '../state/run-record.ts';
import type { Store, Stored } from '../state/store.ts';
import type { RunRecord, State } from '../state/types.ts';
import { runName } from '../tasks/recorder.ts';
import { ourselves } from './project-state.ts';

/** What was asked of the state, and the store it is in. */
export interface StateCall {
  readonly context: CliContext;
  readonly store: Store;
  readonly action: string;
  readonly args: readonly string[];
  readonly format: 'text' | 'json' | 'ndjson';
  /** Milliseconds to wait for the lock. */
  readonly lockTimeout: number;
}

/** What a command wants changed: items set (or null: gone), and the base to put them on when that is another state. */
export interface StateChange {
  readonly items: ReadonlyMap<ItemKey, AppliedItem | null>;
  readonly base?: State;
}

/**
 * Changes the state by hand, as a run of its own: lock, recovery of dead runs, journal, save, run record. `decide` gets
 * the state as it is under the lock, and may throw to change nothing.
 */
export async function changeState(
  { context, store, action, lockTimeout }: StateCall,
  decide: (stored: Stored | null) => StateChange,
): Promise<{ readonly saved: Stored; readonly record: RunRecord }> {
  const { backend } = store;
  const command = `state ${action}`;
  const run = runName(context.now(), randomUUID());
  const request = { run, command, facts: await ourselves(context), signal: context.signal };
  return withLock(backend, { ...request, timeout: lockTimeout }, async () => {
    const { stored } = await recover(store);
    const change = decide(stored);
    const at = new Date(context.now()).toISOString();
    const records = [
      { type: 'open' as const, run, command, at },
      ...[...change.items].map(([key, item]) => ({ type: 'item' as const, key, item, at })),
      { type: 'close' as const, outcome: 'done', at },
    ];
    const journal = await openJournal(backend, run);
    await Promise.all(records.map((record) => journal.append(record)));
    const base = change.base ?? stored?.state ?? store.fresh();
    const saved = await store.save(fold(base, records), stored?.version ?? null);
    const record = { ...runRecordFrom(records), exit_code: EXIT.done };
    await keepRunRecord(backend, record);
    return { saved, record };
  });
}
