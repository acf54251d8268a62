import type { ExitName } from '../exit-code.ts';
import type { RunChange, RunRecord } from '../state/types.ts';

/** Errors whose code tells a key from an outage: 411 and 412 are refused keys. */
const KEY_CODES = new Set(['MCI411', 'MCI412']);

/** The code of what a signal kept from being sent. */
export const INTERRUPTED = 'MCI002';

interface Ended {
  readonly rows: readonly RunChange[];
  /** The signal that ended the run early, if one did. */
  readonly interrupted: string | null;
  /** Codes that mean: throttled or not reachable. */
  readonly unavailable: ReadonlySet<string>;
}

/** The exit code of a run, from what became of its changes (the table of `exit-code.ts`). */
export function runExit({ rows, interrupted, unavailable }: Ended): ExitName {
  const failed = rows.filter((row) => row.status === 'failed');
  const left = rows.some((row) => row.status === 'skipped');
  if (interrupted !== null) return interrupted === 'SIGTERM' ? 'terminated' : 'interrupted';
  if (rows.some((row) => row.status === 'unknown')) return 'in_doubt';
  if (failed.length === 0 && !left) return 'done';
  const codes = failed.map((row) => row.error?.code ?? '');
  if (codes.length > 0 && codes.every((code) => code.startsWith('MCI35'))) return 'guarded';
  if (rows.some((row) => row.status === 'done' || row.receipts.length > 0)) return 'partial';
  if (codes.length > 0 && codes.every((code) => KEY_CODES.has(code))) return 'key_refused';
  if (codes.length > 0 && codes.every((code) => unavailable.has(code))) return 'unavailable';
  return 'failed';
}

const OUTCOMES: Partial<Record<ExitName, RunRecord['outcome']>> = {
  done: 'done',
  partial: 'partial',
  in_doubt: 'in_doubt',
  interrupted: 'interrupted',
  terminated: 'interrupted',
  guarded: 'refused',
};

export function outcomeOf(exit: ExitName): RunRecord['outcome'] {
  return OUTCOMES[exit] ?? 'failed';
}
