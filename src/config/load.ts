import { dirname, resolve } from 'node:path';
import { validateConfig } from '#config-validator';
import { type Problem, ProblemsError } from '../errors.ts';
import { type LoadedFile, loadFiles } from './files.ts';
import { resolveFiles } from './resolve.ts';
import { schemaFaults } from './schema-problems.ts';
import type { Config, SourceType } from './types.ts';

export interface LoadOptions {
  /** The file, absolute or relative to `cwd`. */
  readonly file: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sourceTypes: Readonly<Record<string, SourceType>>;
  /** `check`: a secret that cannot be read is an error; `defer`: a warning, for commands that open no source. */
  readonly secrets: 'check' | 'defer';
  /** Milliseconds since the epoch; with it, an `expireAt` in the past is warned of. */
  readonly now?: number;
}

export interface Loaded {
  /** Null when there are errors. */
  readonly config: Config | null;
  /** Every error and warning: those of files and schema first, then the rules; each by file, line and column. */
  readonly problems: readonly Problem[];
  /** Text by file, as read. */
  readonly sources: ReadonlyMap<string, string>;
}

const MOST_PROBLEMS = 1_000;

function checkSchema(file: LoadedFile, included: boolean): void {
  if (file.document.data === null) {
    if (file.faults.length === 0)
      file.faults.push({
        code: 'MCI120',
        message: 'the file says nothing',
        fix: included ? 'write something into it, or remove the include' : 'start with version: 1 and project: NAME',
        path: [],
      });
    return;
  }
  if (validateConfig(file.document.data)) return;
  // Only the file itself must say whose it is.
  const errors = (validateConfig.errors ?? []).filter(
    (error) => !(included && error.keyword === 'required' && error.instancePath === ''),
  );
  for (const fault of schemaFaults(errors, file.document.data)) file.faults.push(fault);
}

/** Problems of files and of the schema come first, then the rules that know Monte Carlo (MCI200 and above). */
function phase({ code }: Problem): number {
  return Number(code.slice(3)) < 200 ? 0 : 1;
}

function compare(left: Problem, right: Problem): number {
  if (phase(left) !== phase(right)) return phase(left) - phase(right);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column || (left.code < right.code ? -1 : 1);
}

/** Errors are kept before warnings when there are more than anybody reads; the rest is counted, not dropped in silence. */
function problemsOfFile({ faults, document }: LoadedFile): readonly Problem[] {
  for (const { secret, path } of faults) if (secret === true && path !== undefined) document.hide(path);
  if (faults.length <= MOST_PROBLEMS) return faults.map((fault) => document.problem(fault));
  const errors = faults.filter(({ severity }) => severity !== 'warning');
  const warnings = faults.filter(({ severity }) => severity === 'warning');
  const kept = [...errors, ...warnings].slice(0, MOST_PROBLEMS).map((fault) => document.problem(fault));
  const left = faults.length - MOST_PROBLEMS;
  const message = `${left} more problems of this file are not shown`;
  const severity = errors.length > MOST_PROBLEMS ? 'error' : 'warning';
  return [...kept, document.problem({ code: 'MCI124', severity, message, fix: 'mend the first ones', offset: 0 })];
}

function problemsOf(files: readonly LoadedFile[]): readonly Problem[] {
  return files.flatMap(problemsOfFile).sort(compare);
}

/**
 * Reads the file and what it includes, checks it in one pass and resolves it. Never throws for what is in the files:
 * everything that is wrong is in `problems`, each with its place.
 */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const path = resolve(options.cwd, options.file);
  const dir = dirname(path);
  const files = await loadFiles(options.file, options.cwd);
  for (const [index, file] of files.entries()) checkSchema(file, index > 0);
  const readable = files.filter((file) => file.document.data !== null);
  const world = { env: options.env, dir };
  const { sourceTypes, secrets, now } = options;
  const resolved = readable[0] === files[0] ? resolveFiles(readable, { world, sourceTypes, secrets, now }) : null;
  const problems = problemsOf(files);
  const failed = resolved === null || problems.some(({ severity }) => severity === 'error');
  const config = failed
    ? null
    : { ...resolved, file: files[0]?.document.file ?? options.file, dir, warnings: problems };
  return { config, problems, sources: new Map(files.map(({ document }) => [document.file, document.text])) };
}

/** The configuration, or ProblemsError (exit 65) with every problem. */
export async function requireConfig(options: LoadOptions): Promise<Config> {
  const { config, problems } = await loadConfig(options);
  if (config === null) throw new ProblemsError(problems);
  return config;
}
