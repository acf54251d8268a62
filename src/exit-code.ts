/** Process exit codes. One table: `explain exit-codes` prints it and CI jobs rely on it (never renumber). */
export const EXIT = {
  done: 0,
  failed: 1,
  pending: 2,
  partial: 3,
  key_refused: 4,
  unavailable: 5,
  verification: 6,
  guarded: 7,
  locked: 8,
  in_doubt: 9,
  state_damaged: 10,
  state_unsaved: 11,
  usage: 64,
  config: 65,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitName = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[ExitName];

/** One sentence for each exit code, as `mc-ingest explain exit-codes` prints it. */
export const EXIT_TEXT: Readonly<Record<ExitName, string>> = {
  done: 'done, or nothing to do',
  failed: 'failed: nothing of what was asked could be done',
  pending: 'changes are pending (only with --detailed-exitcode)',
  partial: 'partly applied; everything is accounted for and the next apply does what is left',
  key_refused: 'a key or its scope was refused by Monte Carlo (401 or 403)',
  unavailable: 'throttled, or Monte Carlo could not be reached',
  verification: 'verification failed',
  guarded: 'refused by a guard, or the plan is stale',
  locked: 'the state is locked by another run, or was taken over',
  in_doubt: 'something was sent and its fate is not known',
  state_damaged: 'the state or its journal is damaged; it was left untouched',
  state_unsaved: 'the state could not be saved; a recovery file was written',
  usage: 'the command line is wrong',
  config: 'the configuration or an input file is invalid',
  interrupted: 'interrupted (SIGINT); what was in flight is recorded',
  terminated: 'terminated (SIGTERM); what was in flight is recorded',
};
