import type { Problem } from '../errors.ts';
import type { Painter } from './paint.ts';

const LONGEST = 160;

/** The document `mc-ingest.problems/1`, with a line break at its end. */
export function problemsJson(problems: readonly Problem[]): string {
  const listed = problems.map(({ code, severity, message, fix, file, line, column, path }) => ({
    code,
    severity,
    message,
    ...(fix === undefined ? {} : { fix }),
    file,
    line,
    column,
    path,
  }));
  return `${JSON.stringify({ format: 'mc-ingest.problems/1', problems: listed }, null, 2)}\n`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

// Control characters in the file must not reach the terminal as commands; tabs take one cell so that the caret fits.
function plain(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}

interface Window {
  readonly text: string;
  readonly column: number;
}

/** A long line cut down to what is around the column. */
function around(text: string, column: number): Window {
  if (text.length <= LONGEST) return { text, column };
  const start = Math.max(0, Math.min(column - 1 - LONGEST / 2, text.length - LONGEST));
  const head = start > 0 ? '…' : '';
  const tail = start + LONGEST < text.length ? '…' : '';
  return { text: `${head}${text.slice(start, start + LONGEST)}${tail}`, column: column - start + head.length };
}

function frameLines(problem: Problem, paint: Painter): string[] {
  const frame = problem.frame ?? [];
  if (frame.length === 0) return problem.label === undefined ? [] : [`  why   ${plain(problem.label)}`];
  const width = Math.max(2, String(frame.at(-1)?.line ?? 0).length);
  const lines: string[] = [];
  for (const { line, text } of frame) {
    const marked = line === problem.line;
    const shown = around(text, marked ? problem.column : 1);
    lines.push(`  ${paint.dim(`${String(line).padStart(width)} │`)} ${plain(shown.text)}`);
    if (!marked) continue;
    const room = Math.max(1, shown.text.length - shown.column + 1);
    const caret = '^'.repeat(Math.min(problem.length ?? 1, room));
    const label = problem.label === undefined ? '' : ` ${plain(problem.label)}`;
    lines.push(`  ${' '.repeat(width)} ${paint.dim('│')} ${' '.repeat(shown.column - 1)}${paint.red(caret)}${label}`);
  }
  return lines;
}

/** One problem as people read it: head, code frame with a caret, fix, where to read more. */
export function problemText(problem: Problem, paint: Painter): string {
  const color = problem.severity === 'error' ? paint.red : paint.yellow;
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  const head = `${color(problem.severity)}[${problem.code}] ${plain(place)}  ${paint.bold(plain(problem.message))}`;
  return [
    head,
    ...frameLines(problem, paint),
    ...(problem.fix === undefined ? [] : [`  fix   ${plain(problem.fix)}`]),
    `  more  ${paint.dim(`mc-ingest explain ${problem.code}`)}`,
  ].join('\n');
}

/** `3 errors, 1 warning in 2 files. Nothing was sent.` */
export function problemsFooter(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const parts = [
    ...(errors > 0 || warnings === 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  const files = new Set(problems.map((problem) => problem.file)).size;
  const sent = errors > 0 ? ' Nothing was sent.' : '';
  return `${parts.join(', ')} in ${counted(files, 'file')}.${sent}`;
}

/** Every problem, a blank line between them, and the footer. Ends with a line break; empty when there is none. */
export function problemsText(problems: readonly Problem[], options: { readonly paint: Painter }): string {
  if (problems.length === 0) return '';
  const texts = problems.map((problem) => problemText(problem, options.paint));
  return `${[...texts, problemsFooter(problems)].join('\n\n')}\n`;
}
