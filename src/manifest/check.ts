import { McIngestError, type Problem } from '../errors.ts';
import { headProblems } from './check-head.ts';
import { EventChecker, place } from './check-line.ts';
import { openManifest } from './read.ts';
import type { Head } from './write.ts';

export interface CheckOptions {
  /** The file's name as people are shown it. */
  readonly shown: string;
  /** Guards that were switched off: `incomplete-manifest`, `split-batches`. */
  readonly allow: readonly string[];
}

/** What a check found. `head` is null when the first line could not be read. */
export interface CheckedManifest {
  readonly head: Head | null;
  readonly events: number;
  readonly problems: readonly Problem[];
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

function countProblems(head: Head, events: number, { shown, allow }: CheckOptions): readonly Problem[] {
  if (events === 0)
    return [{ ...place(shown, 1), code: 'MCI704', severity: 'error', message: 'there are no events to push' }];
  const small = head.collect === 'etl' || head.collect === 'etl_runs' || head.collect === 'bi';
  if (!small || events <= SMALL_CALLS || allow.includes('split-batches')) return [];
  const message = `${events} ${head.collect} events: the vendor takes 1 to ${SMALL_CALLS} a call`;
  const fix = 'split the file, or let it go in several calls with --allow split-batches';
  return [{ ...place(shown, 1), code: 'MCI710', severity: 'error', message, fix }];
}

/**
 * Reads a manifest to its end before anything is sent: every line against the schema of its event, the resource, the
 * last line. Gives all problems at once (the first 100 lines' worth, and how many more); throws only for defects of ours.
 */
export async function checkManifest(path: string, options: CheckOptions): Promise<CheckedManifest> {
  const { shown, allow } = options;
  const problems: Problem[] = [];
  let head: Head | null = null;
  let events = 0;
  try {
    const opened = await openManifest(path);
    head = opened.head;
    problems.push(...headProblems(head, shown));
    const checker = new EventChecker(head.collect, shown);
    for await (const lines of opened.lines('written'))
      for (const line of lines) {
        events += 1;
        checker.check(line.toString('utf8'), events + 1);
      }
    problems.push(...checker.problems());
    problems.push(...countProblems(head, events, options));
    if (opened.end === null && !allow.includes('incomplete-manifest'))
      problems.push({
        ...place(shown, events + 1),
        code: 'MCI702',
        severity: 'error',
        message: 'the last line {"end": true, …} is missing: the collect was cut off',
        fix: 'collect again, or push what is there with --allow incomplete-manifest',
      });
  } catch (error) {
    problems.push(failure(error, shown));
  }
  return { head, events, problems };
}
