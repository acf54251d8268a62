import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitName } from '../exit-code.ts';
import { receiptLine } from '../output/run-text.ts';
import { fold } from '../state/fold.ts';
import { keepRunRecord } from '../state/history.ts';
import { type Journal, openJournal, readJournal } from '../state/journal.ts';
import { withLock } from '../state/lock.ts';
import { recover } from '../state/recover.ts';
import { runRecordFrom } from '../state/run-record.ts';
import type { Store, Stored } from '../state/store.ts';
import type { RunChange, RunRecord, State } from '../state/types.ts';
import type { Resumable } from '../tasks/flow.ts';
import { outcomeOf, runExit } from '../tasks/outcome.ts';
import { type Recorder, recorder, runName } from '../tasks/recorder.ts';
import { resumables } from '../tasks/resume.ts';
import { manifestFolder, ourselves, projectStore } from './project-state.ts';

/** A run under the lock, before and after it has begun to do something. */
export interface OpenRun {
  readonly run: string;
  /** The state as recovered; null: nothing was saved yet. */
  readonly state: State | null;
  /** Aborted by a signal, or when the lock was lost. */
  readonly signal: AbortSignal;
  /** What a dead run left unfinished, by flow key. */
  readonly recovered: ReadonlyMap<string, Resumable>;
  /** Opens the journal. Nothing may be sent before. */
  begin(fingerprint?: string): Promise<void>;
  /** The recorder of this run; receipts also go to `line`, one each. */
  recorder(line: (text: string) => void): Recorder;
}

interface RunOptions {
  readonly config: Config;
  readonly command: string;
  readonly now: () => number;
  readonly flags: { readonly lockTimeout: number };
}

interface Body {
  readonly rows: readonly RunChange[];
}

/** Codes that mean: throttled, or not reachable. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['MCI420', 'MCI421']);

/** The parts of a run that change while it goes on. */
class LiveRun implements OpenRun {
  readonly run: string;
  readonly signal: AbortSignal;
  readonly state: State | null;
  readonly recovered: ReadonlyMap<string, Resumable>;
  journal: Journal | null = null;
  fingerprint: string | undefined;
  readonly #store: Store;
  readonly #command: string;
  readonly #now: () => number;

  constructor(facts: {
    run: string;
    signal: AbortSignal;
    state: State | null;
    recovered: ReadonlyMap<string, Resumable>;
    store: Store;
    command: string;
    now: () => number;
  }) {
    this.run = facts.run;
    this.signal = facts.signal;
    this.state = facts.state;
    this.recovered = facts.recovered;
    this.#store = facts.store;
    this.#command = facts.command;
    this.#now = facts.now;
  }

  async begin(fingerprint?: string): Promise<void> {
    this.fingerprint = fingerprint;
    this.journal = await openJournal(this.#store.backend, this.run);
    const at = new Date(this.#now()).toISOString();
    await this.journal.append({
      type: 'open',
      run: this.run,
      command: this.#command,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      at,
    });
  }

  recorder(line: (text: string) => void): Recorder {
    if (this.journal === null) throw new Error('nothing may be sent before the journal is open');
    return recorder({
      journal: this.journal,
      run: this.run,
      now: this.#now,
      onReceipt: (key, receipt) => line(receiptLine(key, receipt)),
    });
  }
}

/** After an unexpected end: the record is what the journal tells. Where that fails, too, the next run does it. */
async function closeBroken(
  live: LiveRun,
  held: { readonly store: Store; readonly stored: Stored | null },
  error: unknown,
): Promise<void> {
  if (live.journal === null) return;
  const exit_code = error instanceof McIngestError ? error.exitCode : EXIT.failed;
  try {
    const { changes, ...rest } = runRecordFrom(await readJournal(held.store.backend, live.run), live.run);
    await close(live, { ...rest, outcome: 'failed', exit_code, changes }, held);
  } catch {
    // The journal is there, and what ended the run says more than this does.
  }
}

/** Closes the journal, folds it into the state and keeps the run's record, which is never rewritten. */
async function close(
  live: LiveRun,
  record: RunRecord,
  { store, stored }: { readonly store: Store; readonly stored: Stored | null },
): Promise<void> {
  if (live.journal === null) return;
  await live.journal.append({ type: 'close', outcome: record.outcome, at: record.finished_at });
  const records = await readJournal(store.backend, live.run);
  await store.save({ ...fold(stored?.state ?? store.fresh(), records), run: live.run }, stored?.version ?? null);
  await keepRunRecord(store.backend, record);
}

/**
 * Does work in brackets: lock, recovery of dead runs, the work, its record, unlock. Whatever happens the run is closed.
 * A body that returns null had nothing to do: nothing is recorded. What the body throws passes through, recorded before.
 * Throws MCI511 (exit 8) when the lock was lost meanwhile: the journal is left to the next run.
 */
export async function withRun(
  context: CliContext,
  options: RunOptions,
  body: (run: OpenRun) => Promise<Body | null>,
): Promise<RunRecord> {
  const { config, command, now, flags } = options;
  const store = projectStore(context, config);
  const run = runName(context.now(), `${context.pid}/${context.random()}`);
  const started = now();
  const request = { run, command, facts: await ourselves(context), timeout: flags.lockTimeout, signal: context.signal };
  return withLock(store.backend, request, async (held) => {
    const { stored, runs, flows } = await recover(store);
    for (const dead of runs)
      context.stderr.write(
        `recovered run ${dead.run}: ${dead.changes.reduce((sum, row) => sum + row.receipts.length, 0)} receipts are on record\n`,
      );
    const signal = AbortSignal.any([context.signal, held.signal]);
    const recovered = await resumables(flows, manifestFolder(config));
    const live = new LiveRun({ run, signal, state: stored?.state ?? null, recovered, store, command, now });
    const recordOf = (rows: readonly RunChange[], exit: ExitName): RunRecord => ({
      format: 'mc-ingest.run/1',
      run,
      command,
      ...(live.fingerprint === undefined ? {} : { plan_fingerprint: live.fingerprint }),
      started_at: new Date(started).toISOString(),
      finished_at: new Date(now()).toISOString(),
      outcome: outcomeOf(exit),
      exit_code: EXIT[exit],
      changes: rows,
    });
    let done: Body | null;
    try {
      done = await body(live);
    } catch (error) {
      await closeBroken(live, { store, stored }, error);
      throw error;
    }
    // Whoever has the lock now folds our journal in; what we would save could be older than what is there.
    if (held.signal.aborted) throw held.signal.reason;
    const interrupted = context.signal.aborted ? String(context.signal.reason) : null;
    const rows = done?.rows ?? [];
    const record = recordOf(rows, runExit({ rows, interrupted, unavailable: UNAVAILABLE }));
    await close(live, record, { store, stored });
    return record;
  });
}
