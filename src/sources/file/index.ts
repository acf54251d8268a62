import { McIngestError, type Problem, ProblemsError } from '../../errors.ts';
import { EventChecker } from '../../manifest/check-line.ts';
import { normaliser } from '../../manifest/normalise.ts';
import type { End } from '../../manifest/read.ts';
import type { RawEvent } from '../../model.ts';
import { expand } from '../glob.ts';
import type { CollectEnd, Collection, CollectRequest, OpenOptions, Session, Source } from '../source.ts';
import { eventsOf, type Format } from './read-file.ts';

function formatOf(path: string, given: unknown): Format {
  if (given === 'ndjson' || given === 'json' || given === 'csv') return given;
  return path.endsWith('.csv') ? 'csv' : path.endsWith('.json') ? 'json' : 'ndjson';
}

async function pathsOf({ name, options, world }: OpenOptions): Promise<readonly string[]> {
  const given = [options['path'] ?? [], options['paths'] ?? []].flat().filter((path) => typeof path === 'string');
  const found = (await Promise.all(given.map((glob) => expand(world.dir, glob)))).flat();
  if (found.length > 0) return [...new Set(found)];
  throw new McIngestError(
    'MCI601',
    'config',
    `source ${name}: no file matches ${given.join(', ') || '(no path given)'}`,
  );
}

/** What the files say together: complete when each is; the window is as wide as all of theirs. */
class Endings {
  readonly #missing: string[] = [];
  #windows: { readonly from: string | undefined; readonly to: string }[] = [];
  #bare = false;

  add(path: string, end: End | null): void {
    if (end === null) this.#missing.push(`${path} has no end line that says it is whole`);
    else if (!end.complete) this.#missing.push(`${path} says that it is not complete`);
    if (end?.watermark === undefined) this.#bare = true;
    else this.#windows.push({ from: end.watermark.from, to: end.watermark.to });
  }

  end(): CollectEnd {
    const complete = this.#missing.length === 0;
    const base = { complete, missing: this.#missing };
    const to = this.#windows
      .map((window) => window.to)
      .sort()
      .at(-1);
    if (this.#bare || to === undefined) return base;
    const froms = this.#windows.flatMap((window) => window.from ?? []).sort();
    const from = froms.length === this.#windows.length ? froms[0] : undefined;
    return { ...base, watermark: { to, ...(from === undefined ? {} : { from }) } };
  }
}

function malformed(error: unknown, path: string): Problem {
  if (!(error instanceof SyntaxError)) throw error;
  const line = Number(/^line (\d+)/.exec(error.message)?.[1] ?? 1);
  return { file: path, line, column: 1, path: '', message: error.message, code: 'MCI602', severity: 'error' };
}

function collectFiles(paths: readonly string[], given: unknown, { collect, signal }: CollectRequest): Collection {
  const endings = new Endings();
  const normalise = normaliser(collect);
  async function* rows(): AsyncGenerator<RawEvent> {
    const problems: Problem[] = [];
    for (const path of paths) {
      const checker = await EventChecker.of({ collect, shown: path });
      const reading = { path, format: formatOf(path, given), collect };
      try {
        for await (const { text, line } of eventsOf(reading, (end) => endings.add(path, end))) {
          if (signal.aborted) throw new McIngestError('MCI002', 'interrupted', `${path}: interrupted`);
          if (checker.check(text, line)) yield { noun: 'raw', text: normalise(text) };
        }
      } catch (error) {
        problems.push(malformed(error, path));
      }
      problems.push(...checker.problems());
    }
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
  }
  return { rows: rows(), end: () => endings.end() };
}

/** Events from files: NDJSON in manifest form, JSON arrays, CSV. Bad rows are all reported; nothing is pushed then. */
export const fileSource: Source = {
  type: 'file',
  async open(options): Promise<Session> {
    const paths = await pathsOf(options);
    return {
      collect: (request) => collectFiles(paths, options.options['format'], request),
      close: async () => undefined,
    };
  },
};
