import { EXIT, type ExitCode, type ExitName } from './exit-code.ts';

/** A place in a file a person wrote. `file` as shown to people, `line` and `column` from 1, `path` like `flows.a.source`. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** A stable code such as `MCI204`; each has a long text behind `mc-ingest explain`. */
export type Code = `MCI${number}`;

/** One thing that is wrong (or doubtful) with an input, with its place and its mend. Printed by `validate`. */
export interface Problem extends Origin {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly fix?: string;
  /** Why the place is marked, printed under the caret: `load_orders lapses on 2031-05-01 (line 24)`. */
  readonly label?: string;
  /** The source lines around the place, for the code frame. Never set for secret values. */
  readonly frame?: readonly { readonly line: number; readonly text: string }[];
  /** How many characters the caret underlines. */
  readonly length?: number;
}

interface ErrorFacts {
  readonly fix?: string;
  readonly origin?: Origin;
  readonly cause?: unknown;
}

/** What every expected failure of the tool is: a stable code, the exit code it leads to, and what to do about it. */
export class McIngestError extends Error {
  readonly code: Code;
  readonly exit: ExitName;
  readonly fix: string | undefined;
  readonly origin: Origin | undefined;

  constructor(code: Code, exit: ExitName, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'McIngestError';
    this.code = code;
    this.exit = exit;
    this.fix = facts.fix;
    this.origin = facts.origin;
  }

  get exitCode(): ExitCode {
    return EXIT[this.exit];
  }
}

/** Inputs that are wrong in one or many places: all of them at once. Exit 65. */
export class ProblemsError extends McIngestError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    super(
      errors[0]?.code ?? 'MCI100',
      'config',
      `${errors.length} problem${errors.length === 1 ? '' : 's'} in the input`,
    );
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

/** One entry of a code table: a title of a few words, and the long text of `mc-ingest explain CODE`. */
export interface CodeText {
  readonly title: string;
  readonly text: string;
}
