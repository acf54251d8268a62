import type { SchemaError, Validator } from '#validators';
import type { Code, Problem } from '../errors.ts';
import type { Collect } from '../model.ts';
import { nearest } from '../suggest.ts';
import { EVENT_SCHEMAS } from './event-schema.ts';
import { isSentForm, normaliser } from './normalise.ts';
import { isNaive, utcTime } from './time.ts';

/** Each is large, and a manifest needs one. */
const VALIDATORS: Readonly<Record<Collect, () => Promise<{ readonly validate: Validator }>>> = {
  metadata: () => import('#validators/metadata'),
  table_lineage: () => import('#validators/table_lineage'),
  column_lineage: () => import('#validators/column_lineage'),
  query_logs: () => import('#validators/query_logs'),
  etl: () => import('#validators/etl'),
  etl_runs: () => import('#validators/etl_runs'),
  bi: () => import('#validators/bi'),
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

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** What a schema demands of a value, as the sentence goes on after its path. */
function demanded({ keyword, params, message }: SchemaError): string {
  if (keyword === 'required') return `has no ${String(params['missingProperty'])}`;
  if (keyword === 'minimum') return `must be ${String(params['limit'])} or more`;
  if (keyword !== 'type') return message ?? keyword;
  const types = String(params['type'])
    .split(',')
    .filter((type) => type !== 'null');
  return `must be ${types.map((type) => TYPE_WORDS[type] ?? type).join(' or ')}`;
}

/** What the rules look at in an asset. */
interface Native {
  readonly type: string;
  readonly metadata: { readonly name: string };
}

interface LineageEnds {
  readonly destination: { readonly resource_uuid?: string | null };
  readonly sources: readonly { readonly resource_uuid?: string | null }[];
}

type Event = Readonly<Record<string, unknown>>;

/** What is checked. */
interface Checked {
  readonly collect: Collect;
  /** The file's name as people are shown it. */
  readonly shown: string;
  /** Who names the warehouse of a lineage event's assets; `head` unless said. */
  readonly resource?: 'head' | 'assets';
}

/** Checks event lines one after the other and gathers what is wrong with them. */
export class EventChecker {
  /** Whether every line so far is in the form that is sent. */
  sentForm = true;
  readonly #collect: Collect;
  readonly #shown: string;
  readonly #validate: Validator;
  readonly #isSent: (event: unknown) => boolean;
  readonly #problems: Problem[] = [];
  /** Who names the warehouse of a lineage event's assets. */
  readonly #resource: 'head' | 'assets';
  readonly #told = new Set<Code>();
  #more = 0;

  private constructor({ collect, shown, resource = 'head' }: Checked, validate: Validator) {
    this.#collect = collect;
    this.#resource = resource;
    this.#shown = shown;
    this.#validate = validate;
    this.#isSent = isSentForm(collect);
  }

  /** A checker of one kind of event; loads the validator of that kind. */
  static async of(checked: Checked): Promise<EventChecker> {
    const { validate } = await VALIDATORS[checked.collect]();
    return new EventChecker(checked, validate);
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
    if (!this.#rules(event as Event, line)) return false;
    return this.#isSent(event) || this.#rewritable(text, line);
  }

  /** A line whose bytes are not UTF-8. */
  notUtf8(line: number): void {
    this.#error(line, { code: 'MCI706', path: '', message: 'not UTF-8', fix: 'write the file as UTF-8' });
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

  #error(line: number, facts: Pick<Problem, 'code' | 'path' | 'message' | 'fix'>): void {
    this.#add({ ...place(this.#shown, line), severity: 'error', ...facts });
  }

  /** A warning about every line would drown the rest: the first one is told. */
  #warnOnce(line: number, facts: Pick<Problem, 'code' | 'path' | 'message' | 'fix'>): void {
    if (this.#told.has(facts.code)) return;
    this.#told.add(facts.code);
    this.#add({ ...place(this.#shown, line), severity: 'warning', ...facts });
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
      const message = `${path} is not one of the values that are taken`;
      return { ...base, message, fix: `one of: ${allowed.join(', ')}` };
    }
    return { ...base, message: `${path === '' ? 'the event' : path} ${demanded(error)}` };
  }

  /** What a schema cannot say. */
  #rules(event: Event, line: number): boolean {
    if (this.#collect === 'query_logs') return this.#times(event, line);
    if (this.#collect === 'metadata') this.#native(event as { relational_asset: Native }, line);
    if (this.#resource === 'assets' && 'destination' in event) this.#homeless(event as unknown as LineageEnds, line);
    return true;
  }

  #homeless({ destination, sources }: LineageEnds, line: number): void {
    if ([destination, ...sources].every(({ resource_uuid: uuid }) => uuid != null)) return;
    const message = 'neither the first line nor this asset names a resource (here and on)';
    this.#warnOnce(line, { code: 'MCI713', path: 'destination', message, fix: 'name one' });
  }

  #times(event: Event, line: number): boolean {
    let good = true;
    for (const path of ['start_time', 'end_time'] as const) {
      const text = String(event[path]);
      if (utcTime(text) === null) {
        good = false;
        const fix = 'write it like 2026-03-01T10:00:00Z';
        this.#error(line, { code: 'MCI707', path, message: `${path} is no time: "${text}"`, fix });
      } else if (!text.endsWith('Z') && isNaive(text)) {
        const message = `"${text}" names no zone and is read in the zone of this machine (here and on)`;
        this.#warnOnce(line, { code: 'MCI712', path, message, fix: 'add Z or an offset' });
      }
    }
    return good;
  }

  #native({ relational_asset: { type, metadata } }: { relational_asset: Native }, line: number): void {
    const path = 'relational_asset';
    if (type !== 'TABLE' && type !== 'VIEW') {
      const message = `type "${type}" will be refused with 400`;
      const fix = 'map it to TABLE or VIEW';
      this.#add({
        ...place(this.#shown, line),
        severity: 'warning',
        code: 'MCI711',
        path: `${path}.type`,
        message,
        fix,
      });
    }
    if (metadata.name !== '') return;
    const facts = { message: 'the name of the table is empty', fix: 'name it' };
    this.#add({
      ...place(this.#shown, line),
      severity: 'warning',
      code: 'MCI711',
      path: `${path}.metadata.name`,
      ...facts,
    });
  }

  /** The line will be brought into the form that is sent: seen here whether that can be done. */
  #rewritable(text: string, line: number): boolean {
    this.sentForm = false;
    try {
      normaliser(this.#collect)(text);
      return true;
    } catch (error) {
      const message = error instanceof RangeError ? 'nested too deeply' : String(error);
      this.#error(line, { code: 'MCI706', path: '', message, fix: 'flatten it' });
      return false;
    }
  }
}
