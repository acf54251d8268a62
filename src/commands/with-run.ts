import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { receiptLine } from '../output/run-text.ts';
import { fold } from '../state/fold.ts';
import { openJournal } from '../state/journal.ts';
import { withLock } from '../state/lock.ts';
import { recover } from '../state/recover.ts';
import type { RunChange, RunRecord, State, StateBackend } from '../state/types.ts';
import type { Resumable } from '../tasks/flow.ts';
import { outcomeOf, runExit } from '../tasks/outcome.ts';
import { type Recorder, recorder, runName } from '../tasks/recorder.ts';
import { holderFacts, openProjectState, resumables } from './project-state.ts';

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
  readonly fingerprint?: string;
}
