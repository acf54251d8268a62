import { cpus, totalmem } from 'node:os';
import { type Finding, type Measure, met } from './part.ts';

/** One line of the result. */
export interface Row {
  readonly part: string;
  readonly finding: Finding;
}

/** A part that could not be carried to its end. */
export interface Failure {
  readonly part: string;
  readonly message: string;
}

/** What figures depend on. */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memory_gb: Math.round(totalmem() / 1e9),
    date: new Date().toISOString().slice(0, 10),
  };
}

function number(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3);
}

function amount(value: number, unit: Measure['unit']): string {
  // Shares are said as they are promised: one eighth, not 0.125.
  if (unit === 'x' && value > 0 && value < 0.95) return `1/${number(1 / value).replace(/\.?0+$/, '')}`;
  return unit === 'x' || unit === '%' ? `${number(value)}${unit}` : `${number(value)} ${unit}`.trimEnd();
}

function cells({ part, finding }: Row): readonly string[] {
  if ('missing' in finding) return [part, finding.what, '-', '', 'not measured', finding.missing];
  const { value, unit, target, detail } = finding;
  const wanted = target === undefined ? '' : `${target.at === 'most' ? '<=' : '>='} ${amount(target.value, unit)}`;
  const verdict = { true: 'ok', false: 'MISS', null: '' }[`${met(finding)}`];
  return [part, finding.what, amount(value, unit), wanted, verdict, detail ?? ''];
}

const HEADINGS = ['part', 'what', 'measured', 'target', '', 'from'] as const;

/** The table for people: one line a figure. */
export function table(rows: readonly Row[], failures: readonly Failure[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const right = new Set([2, 3]);
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const judged = rows.filter(({ finding }) => 'value' in finding && met(finding) !== null);
  const missed = judged.filter(({ finding }) => 'value' in finding && met(finding) === false);
  const facts = Object.entries(machine()).map(([name, value]) => `${name} ${value}`);
  const failed = failures.map(({ part, message }) => `FAILED  ${part}: ${message}`);
  return [
    ...text,
    '',
    ...failed,
    `${judged.length - missed.length} of ${judged.length} targets met`,
    facts.join(' · '),
    '',
  ].join('\n');
}

/** The same for programs: one JSON document. */
export function document(rows: readonly Row[], failures: readonly Failure[]): string {
  const figures = rows.map(({ part, finding }) => ({
    part,
    ...finding,
    ...('value' in finding ? { ok: met(finding) } : {}),
  }));
  return `${JSON.stringify({ format: 'mc-ingest.bench/1', machine: machine(), figures, failures }, null, 2)}\n`;
}
