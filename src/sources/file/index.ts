import { McIngestError, type Problem, ProblemsError } from '../../errors.ts';
import { EventChecker } from '../../manifest/check-line.ts';
import { normaliser } from '../../manifest/normalise.ts';
import type { RawEvent } from '../../model.ts';
import { expand } from '../glob.ts';
import type { Collection, CollectRequest, OpenOptions, Session, Source } from '../source.ts';
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

function collectFiles(paths: readonly string[], given: unknown, { collect, signal }: CollectRequest): Collection {
  let complete = true;
  const normalise = normaliser(collect);
  async function* rows(): AsyncGenerator<RawEvent> {
    const problems: Problem[] = [];
    for (const path of paths) {
      const checker = new EventChecker(collect, path);
      const reading = { path, format: formatOf(path, given), collect };
      try {
        for await (const { text, line } of eventsOf(reading, (whole) => {
          complete &&= whole;
        })) {
          signal.throwIfAborted();
          if (checker.check(text, line)) yield { noun: 'raw', text: normalise(text) };
        }
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        const line = Number(/^line (\d+)/.exec(error.message)?.[1] ?? 1);
        const facts = { file: path, line, column: 1, path: '', message: error.message };
        problems.push({ ...facts, code: 'MCI602', severity: 'error' });
      }
      problems.push(...checker.problems());
    }
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
  }
  return {
    rows: rows(),
    end: () => ({ complete, missing: complete ? [] : ['the file has no end line that says it is whole'] }),
  };
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
