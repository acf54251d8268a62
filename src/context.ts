/** Where a stream of ours goes: a terminal or a pipe. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** The stream itself, for the task tree on a terminal; absent in tests. */
  readonly stream?: NodeJS.WriteStream;
}

/** The pieces of the process that a command may use. Only `cli.ts` and this file's maker see `process`. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Aborted by the first SIGINT or SIGTERM; `reason` is the signal's name. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** What starts this tool again: the node binary and the path of the command line. */
  readonly nodeArgs: readonly string[];
  readonly pid: number;
}
