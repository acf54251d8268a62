import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { AppliedItem, ItemKey } from '../plan/types.ts';
import { fileBackend } from '../state/file.ts';
import { fold } from '../state/fold.ts';
import { keepRunRecord } from '../state/history.ts';
import { type ProcessFacts, processFacts } from '../state/holder.ts';
import { openJournal } from '../state/journal.ts';
import { withLock } from '../state/lock.ts';
import { recover } from '../state/recover.ts';
import { runRecordFrom } from '../state/run-record.ts';
import { openStore, type Store, type Stored } from '../state/store.ts';
import type { State } from '../state/types.ts';
import { runName } from '../tasks/recorder.ts';

export interface StateFlags {
  readonly action: string;
  readonly args: readonly string[];
  readonly format: 'text' | 'json' | 'ndjson';
  /** Where the state is, absolute. */
  readonly statePath: string;
  readonly project: string;
  /** Milliseconds to wait for the lock. */
  readonly lockTimeout?: number;
}

/** What a command wants changed: items set (or null: gone), and the base to put them on when that is another state. */
export interface StateChange {
  readonly items: ReadonlyMap<ItemKey, AppliedItem | null>;
  readonly base?: State;
}

export function storeOf(context: CliContext, flags: StateFlags): Store {
  const backend = fileBackend({ path: flags.statePath, now: context.now });
  return openStore({ backend, project: flags.project, now: context.now });
}

/** Who this process is, for the lock. */
export function lockFacts(context: CliContext): Promise<ProcessFacts> {
  return processFacts(context.env, {
    pid: context.pid,
    hostname: hostname(),
    readFile: (path) => readFile(path, 'utf8'),
    readLink: (path) => readlink(path),
  });
}

/**
 * Changes the state by hand, as a run of its own: lock, recovery of dead runs, journal, save, run record. `decide` gets
 * the state as it is under the lock, and may throw to change nothing.
 */
export async function changeState(
  context: CliContext,
  flags: StateFlags,
  decide: (stored: Stored | null) => StateChange,
): Promise<Stored> {
  const store = storeOf(context, flags);
  const { backend } = store;
  const command = `state ${flags.action}`;
  const run = runName(context.now(), randomUUID());
  const request = { run, command, facts: await lockFacts(context), signal: context.signal };
  return withLock(backend, { ...request, timeout: flags.lockTimeout ?? 0 }, async () => {
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
    await keepRunRecord(backend, { ...runRecordFrom(records), exit_code: EXIT.done });
    return saved;
  });
}
