import { CommanderError } from 'commander';
import type { CliContext } from '../context.ts';
import { McIngestError, type Origin, type Problem, ProblemsError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { painter, useColor } from '../output/paint.ts';
import { problemsJson, problemsText } from '../output/problems.ts';

function causes(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error && lines.length < 5;
    cause = cause.cause
  )
    lines.push(`  because: ${cause.message}`);
  return lines;
}

/** The four facts by name: an origin may look its line up only when it is asked. */
function placeOf(origin: Origin | undefined): Partial<Origin> {
  if (origin === undefined) return {};
  const { file, line, column, path } = origin;
  return { file, line, column, path };
}

/** What commander says, its suggestion as the fix. */
function commandLineProblem(error: CommanderError): Pick<Problem, 'code' | 'severity' | 'message' | 'fix'> {
  const bare = error.code === 'commander.help';
  const text = bare ? 'no command was given' : error.message.replace(/^error: /, '');
  const [message = text, hint] = text.split('\n');
  const near = /^\(Did you mean (.*)\?\)$/.exec(hint ?? '')?.[1];
  const fix = near === undefined ? 'mc-ingest --help shows the commands and flags' : `did you mean ${near}?`;
  return { code: 'MCI003', severity: 'error', message, fix };
}

function asProblem(error: unknown): Problem {
  const nowhere = { file: '', line: 0, column: 0, path: '' };
  if (error instanceof CommanderError) return { ...nowhere, ...commandLineProblem(error) };
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof McIngestError)) return { ...nowhere, code: 'MCI001', severity: 'error', message };
  return {
    ...nowhere,
    ...placeOf(error.origin),
    code: error.code,
    severity: 'error',
    message,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}

/** Tells people (stderr) and programs (one JSON document on stdout) what failed; returns the exit code. */
export function reportFailure(
  context: CliContext,
  error: unknown,
  options: { readonly json: boolean; readonly verbose: boolean },
): ExitCode {
  const paint = painter({ color: useColor(context.env, context.stderr.isTTY) });
  const problems = error instanceof ProblemsError ? error.problems : [asProblem(error)];
  if (options.json) context.stdout.write(problemsJson(problems));
  if (error instanceof CommanderError) return EXIT.usage; // commander has already said it
  if (error instanceof ProblemsError) context.stderr.write(problemsText(problems, { paint }));
  else {
    const problem = problems[0];
    const place =
      problem === undefined || problem.file === '' ? '' : `${problem.file}:${problem.line}:${problem.column}  `;
    context.stderr.write(`${paint.red('error')}[${problem?.code}] ${place}${problem?.message}\n`);
    if (problem?.fix !== undefined) context.stderr.write(`  fix   ${problem.fix}\n`);
    if (options.verbose) for (const line of causes(error)) context.stderr.write(`${line}\n`);
    context.stderr.write(`  more  mc-ingest explain ${problem?.code}\n`);
  }
  return error instanceof McIngestError ? error.exitCode : EXIT.failed;
}
