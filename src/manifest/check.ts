import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { McIngestError, type Problem } from '../errors.ts';
import type { ManifestHead } from '../model.ts';
import { headProblems } from './check-head.ts';
import { EventChecker, place } from './check-line.ts';
import { type End, type OpenManifest, openManifest } from './read.ts';

export interface CheckOptions {
  /** The file's name as people are shown it. */
  readonly shown: string;
  /** Guards that were switched off: `incomplete-manifest`, `split-batches`. */
  readonly allow: readonly string[];
  /** `here`: this tool wrote it, so a digest that fits vouches for every line. */
  readonly written?: 'here' | 'elsewhere';
}

/** What a check found. `head` is null when the first line could not be read. */
export interface CheckedManifest {
  readonly head: ManifestHead | null;
  /** The last line; null when it is missing. */
  readonly end: End | null;
  readonly events: number;
  readonly problems: readonly Problem[];
  /** Every line is in the form that is sent: the file can go as it stands. */
  readonly sentForm: boolean;
  /** The file as it was checked; null when it could not be opened. */
  readonly stats: Stats | null;
}

const SMALL_CALLS = 100;

function failure(error: unknown, shown: string): Problem {
  if (!(error instanceof McIngestError)) throw error;
  return {
    ...place(shown, 1),
    code: error.code,
    severity: 'error',
    message: error.message,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}

function countProblems(
  head: ManifestHead,
  events: number,
  { shown, allow, written }: CheckOptions,
): readonly Problem[] {
  // An hour without queries is nothing wrong: what this tool collected is pushed, whatever it is.
  if (events === 0 && written === 'here') return [];
  if (events === 0)
    return [{ ...place(shown, 1), code: 'MCI704', severity: 'error', message: 'there are no events to push' }];
  const small = head.collect === 'etl' || head.collect === 'etl_runs' || head.collect === 'bi';
  if (!small || events <= SMALL_CALLS || allow.includes('split-batches')) return [];
  const message = `${events} ${head.collect} events: the vendor takes 1 to ${SMALL_CALLS} a call`;
  const fix = 'split the file, or let it go in several calls with --allow split-batches';
  return [{ ...place(shown, 1), code: 'MCI710', severity: 'error', message, fix }];
}

interface Reading {
  events: number;
  line: number;
}

/** Only counts; the digest is looked at once the lines have been read. */
async function countLines(opened: OpenManifest, at: Reading): Promise<void> {
  for await (const lines of opened.lines('written')) {
    at.line += lines.length;
    for (const line of lines) if (line.length > 0) at.events += 1;
  }
}

async function checkLines(opened: OpenManifest, checker: EventChecker, at: Reading): Promise<void> {
  for await (const lines of opened.lines('written'))
    for (const line of lines) {
      at.line += 1;
      if (line.length === 0) continue;
      at.events += 1;
      if (isUtf8(line)) checker.check(line.toString('utf8'), at.line);
      else checker.notUtf8(at.line);
    }
}

function unfinished(shown: string, line: number): Problem {
  return {
    ...place(shown, line),
    code: 'MCI702',
    severity: 'error',
    message: 'the last line {"end": true, …} is missing: the collect was cut off',
    fix: 'collect again, or push what is there with --allow incomplete-manifest',
  };
}

/**
 * Reads a manifest to its end before anything is sent: every line against the schema of its event, the resource, the
 * last line. Gives all problems at once (the first 100 lines' worth, and how many more); throws only for defects of ours.
 */
export async function checkManifest(path: string, options: CheckOptions): Promise<CheckedManifest> {
  const { shown, allow } = options;
  const problems: Problem[] = [];
  const at: Reading = { events: 0, line: 1 };
  let opened: OpenManifest | null = null;
  let checker: EventChecker | null = null;
  try {
    opened = await openManifest(path);
    const { head, end } = opened;
    problems.push(...headProblems(head, shown));
    const resource = head.resource?.uuid === undefined ? 'assets' : 'head';
    checker = await EventChecker.of({ collect: head.collect, shown, resource });
    if (options.written === 'here' && end?.sha256 !== undefined) await countLines(opened, at);
    else await checkLines(opened, checker, at);
    problems.push(...checker.problems(), ...countProblems(head, at.events, options));
    if (end === null && !allow.includes('incomplete-manifest')) problems.push(unfinished(shown, at.line));
  } catch (error) {
    problems.push(...(checker?.problems() ?? []), failure(error, shown));
  }
  return {
    head: opened?.head ?? null,
    end: opened?.end ?? null,
    stats: opened?.stats ?? null,
    events: at.events,
    problems,
    sentForm: checker?.sentForm ?? false,
  };
}
