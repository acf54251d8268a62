import {
  validateEvent_bi,
  validateEvent_column_lineage,
  validateEvent_etl,
  validateEvent_etl_runs,
  validateEvent_metadata,
  validateEvent_query_logs,
  validateEvent_table_lineage,
} from '#event-validators';
import type { SchemaError, Validator } from '#validators';
import type { Problem } from '../errors.ts';
import type { Collect } from '../model.ts';
import { EVENT_SCHEMAS } from './event-schema.ts';

const VALIDATORS: Readonly<Record<Collect, Validator>> = {
  metadata: validateEvent_metadata,
  table_lineage: validateEvent_table_lineage,
  column_lineage: validateEvent_column_lineage,
  query_logs: validateEvent_query_logs,
  etl: validateEvent_etl,
  etl_runs: validateEvent_etl_runs,
  bi: validateEvent_bi,
};
const LISTED = 100;

export function place(file: string, line: number): Pick<Problem, 'file' | 'line' | 'column' | 'path'> {
  return { file, line, column: 1, path: '' };
}

function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/** All member names of a schema: what a misspelt name is compared with. */
function names(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) found.add(name);
    names(value, found);
  }
  return found;
}

function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[right.length] ?? 0;
}

function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const near = [...known].map((name) => ({ name, off: distance(word.toLowerCase(), name) }));
  const [best] = near.sort((a, b) => a.off - b.off);
  return best !== undefined && best.off <= Math.max(1, Math.floor(word.length / 3)) ? best.name : undefined;
}

/** Checks event lines one after the other and gathers what is wrong with them. */
export class EventChecker {
  readonly #collect: Collect;
  readonly #shown: string;
  readonly #validate: Validator;
  readonly #problems: Problem[] = [];
  #more = 0;

  constructor(collect: Collect, shown: string) {
    this.#collect = collect;
    this.#shown = shown;
    this.#validate = VALIDATORS[collect];
  }

  /** Checks one line; `line` is its number in the file. False when it has an error. */
  check(text: string, line: number): boolean {
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch (error) {
      return this.#invalid(text, line, error);
    }
    if (!this.#validate(event)) {
      for (const error of this.#validate.errors ?? []) this.#add(this.#refused(error, line));
      return false;
    }
    if (this.#collect === 'metadata') this.#native(event as { relational_asset: { type: string } }, line);
    return true;
  }

  /** What was found, and how many more there are beyond the first hundred. */
  problems(): readonly Problem[] {
    if (this.#more === 0) return this.#problems;
    const last = this.#problems.at(-1);
    const message = `and ${this.#more} more problems`;
    return last === undefined
      ? []
      : [...this.#problems, { ...last, path: '', code: 'MCI707', severity: 'error', message }];
  }

  #add(problem: Problem): void {
    if (this.#problems.length < LISTED) this.#problems.push(problem);
    else this.#more += 1;
  }

  #invalid(text: string, line: number, error: unknown): false {
    const reason = error instanceof Error ? error.message : String(error);
    const at = /at position (\d+)/.exec(reason)?.[1];
    const token = /Unexpected token '(.)'/.exec(reason)?.[1];
    const guess = token === undefined ? text.length : Math.max(0, text.search(/\b(NaN|-?Infinity)\b/));
    const column = (at === undefined ? guess : Number(at)) + 1;
    const message = `not JSON: ${/NaN|Infinity/.test(text) ? 'NaN and Infinity cannot be written as JSON' : reason}`;
    this.#add({ ...place(this.#shown, line), column, code: 'MCI706', severity: 'error', message });
    return false;
  }

  #refused(error: SchemaError, line: number): Problem {
    const { keyword, instancePath, params } = error;
    const path = pathOf(instancePath);
    const base = { ...place(this.#shown, line), path, code: 'MCI707', severity: 'error' } as const;
    if (keyword === 'additionalProperties') {
      const name = String(params['additionalProperty']);
      const near = nearest(name, names(EVENT_SCHEMAS[this.#collect]));
      const fix = near === undefined ? 'remove it' : `did you mean ${near}?`;
      return { ...base, path: path === '' ? name : `${path}.${name}`, message: `unknown member ${name}`, fix };
    }
    if (keyword === 'enum') {
      const allowed = (params['allowedValues'] as readonly unknown[]).filter((value) => value !== null);
      return { ...base, message: 'not one of the values that are taken', fix: `one of: ${allowed.join(', ')}` };
    }
    return { ...base, message: error.message ?? keyword };
  }

  #native({ relational_asset: { type } }: { relational_asset: { type: string } }, line: number): void {
    if (type === 'TABLE' || type === 'VIEW') return;
    const message = `type "${type}" will be refused with 400`;
    const fix = 'map it to TABLE or VIEW';
    const path = 'relational_asset.type';
    this.#add({ ...place(this.#shown, line), path, code: 'MCI711', severity: 'warning', message, fix });
  }
}
