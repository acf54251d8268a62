import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { McIngestError, ProblemsError } from '../../errors.ts';
import { EventChecker } from '../../manifest/check-line.ts';
import { normaliser } from '../../manifest/normalise.ts';
import type { RawEvent } from '../../model.ts';
import type { Option } from '../../secret.ts';
import type { CollectEnd, Collection, CollectRequest, OpenOptions, Source } from '../source.ts';

const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER'];
/** Keys of Monte Carlo: a program never gets them. */
const KEPT_BACK = /^(MCD_|MC_INGEST_)/;

function revealed(option: Option): string {
  if (typeof option === 'object' && option !== null && 'reveal' in option && typeof option.reveal === 'function')
    return option.reveal();
  return String(option);
}

function environment({ options, world }: OpenOptions): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED) if (world.env[name] !== undefined) env[name] = world.env[name];
  const declared = options['env'];
  if (typeof declared === 'object' && declared !== null && !Array.isArray(declared))
    for (const [name, value] of Object.entries(declared))
      if (!KEPT_BACK.test(name)) env[name] = revealed(value as Option);
  return env;
}

function endOf(text: string): (CollectEnd & { readonly events: unknown }) | null {
  if (!text.includes('"end"')) return null;
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (value['end'] !== true) return null;
    const complete = value['complete'] === true;
    const watermark = value['watermark'] as { readonly from?: string; readonly to: string } | undefined;
    const missing = complete ? [] : ['the program says that it is not complete'];
    return { complete, missing, events: value['events'], ...(watermark === undefined ? {} : { watermark }) };
  } catch {
    return null;
  }
}

function requestLine({ collect, mode, from, to }: CollectRequest, { options }: OpenOptions): string {
  const lists = { include: options['include'] ?? [], exclude: options['exclude'] ?? [] };
  return `${JSON.stringify({ collect, from, to, ...lists, mode })}\n`;
}

function collectFrom(request: CollectRequest, opened: OpenOptions): Collection {
  let end: (CollectEnd & { readonly events: unknown }) | null = null;
  const { name, options, world } = opened;
  const [command, ...args] = [options['command'] ?? []].flat().map(String);
  async function* rows(): AsyncGenerator<RawEvent> {
    if (command === undefined) throw new McIngestError('MCI603', 'config', `source ${name}: command is empty`);
    const child = spawn(command, args, { cwd: world.dir, env: environment(opened), stdio: 'pipe' });
    const stop = () => void child.kill('SIGKILL');
    const ended = new Promise<string | null>((done) => {
      child.on('error', (error) => done(error.message));
      child.on('close', (status, signal) => done(status === 0 ? null : `ended with ${signal ?? `status ${status}`}`));
    });
    request.signal.addEventListener('abort', stop, { once: true });
    if (request.signal.aborted) stop();
    createInterface({ input: child.stderr }).on('line', (line) => world.note(`${name}: ${line}`));
    child.stdin.on('error', () => undefined);
    child.stdin.end(requestLine(request, opened));
    const checker = new EventChecker(request.collect, `${name} (stdout)`);
    const normalise = normaliser(request.collect);
    let line = 0;
    let events = 0;
    try {
      for await (const text of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
        line += 1;
        if (text === '' || (line === 1 && text.startsWith('{"manifest"'))) continue;
        const last = endOf(text);
        if (last !== null) {
          end = last;
          continue;
        }
        events += 1;
        if (checker.check(text, line)) yield { noun: 'raw', text: normalise(text) };
      }
      const failed = await ended;
      request.signal.throwIfAborted();
      const why =
        failed ?? (end === null ? 'wrote no end line' : end.events !== events ? 'miscounted its events' : null);
      if (why !== null)
        throw new McIngestError('MCI604', 'failed', `source ${name}: ${command} ${why}; nothing is pushed from it`);
      const problems = checker.problems();
      if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
    } finally {
      request.signal.removeEventListener('abort', stop);
      stop();
    }
  }
  return { rows: rows(), end: () => end ?? { complete: false, missing: ['the program wrote no end line'] } };
}

/** Events from a program's stdout. Without its end line, or with an exit status other than 0, nothing is pushed. */
export const execSource: Source = {
  type: 'exec',
  open: async (opened) => ({
    collect: (request) => collectFrom(request, opened),
    close: async () => undefined,
  }),
};
