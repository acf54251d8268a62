import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { McIngestError, ProblemsError } from '../../errors.ts';
import { EventChecker } from '../../manifest/check-line.ts';
import { normaliser } from '../../manifest/normalise.ts';
import type { RawEvent } from '../../model.ts';
import type { Option } from '../../secret.ts';
import { type NumberedLine, numberedLines } from '../lines.ts';
import type { CollectEnd, Collection, CollectRequest, OpenOptions, Source } from '../source.ts';

const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER'];
/** Names of variables whose values are not shown when the program writes them. */
const SECRET = /pass|secret|token|key|credential/i;
/** Keys of Monte Carlo: a program never gets them. */
const KEPT_BACK = /^(MCD_|MC_INGEST_)/;

function revealed(option: Option): string {
  if (typeof option === 'object' && option !== null && 'reveal' in option && typeof option.reveal === 'function')
    return option.reveal();
  return String(option);
}

interface Environment {
  readonly env: Readonly<Record<string, string>>;
  /** Values that are not shown when the program writes them. */
  readonly secrets: readonly string[];
}

function environment({ options, world }: OpenOptions): Environment {
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  for (const name of PASSED) if (world.env[name] !== undefined) env[name] = world.env[name];
  const declared = options['env'];
  if (typeof declared === 'object' && declared !== null && !Array.isArray(declared))
    for (const [name, value] of Object.entries(declared)) {
      if (KEPT_BACK.test(name)) continue;
      const text = revealed(value as Option);
      env[name] = text;
      if (text.length >= 8 && SECRET.test(name)) secrets.push(text);
    }
  return { env, secrets };
}

type EndLine = CollectEnd & { readonly events: unknown };

const NO_WINDOW = Symbol('no window');

function endOf(text: string): EndLine | null {
  if (!text.includes('"end"')) return null;
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (value['end'] !== true) return null;
    const mark = value['watermark'] as { readonly to?: unknown } | undefined;
    if (mark !== undefined && Number.isNaN(Date.parse(String(mark?.to))))
      return { complete: false, missing: [], events: NO_WINDOW };
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

/** What a program wrote, counted as it comes. */
class Written {
  end: EndLine | null = null;
  events = 0;
  #behind = false;

  /** Whether a line is an event. */
  isEvent({ text, line }: NumberedLine): boolean {
    if (line === 1 && text.startsWith('{"manifest"')) return false;
    if (this.end !== null) this.#behind = true;
    const last = endOf(text);
    if (last === null) this.events += 1;
    else this.end = last;
    return last === null;
  }

  /** Why it cannot be taken as whole; null when it can. */
  wrong(): string | null {
    if (this.end === null) return 'wrote no end line';
    if (this.#behind) return 'wrote on behind its end line';
    if (this.end.events === NO_WINDOW) return 'wrote a watermark without a time in to';
    return this.end.events === this.events
      ? null
      : `wrote ${this.events} events, its end line says ${String(this.end.events)}`;
  }
}

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** Null when it ended with status 0, else how it ended. */
  readonly ended: Promise<string | null>;
  readonly stop: () => void;
}

/** Ends a program and all it started: it leads a process group of its own. Where there is no `kill`, only itself. */
function endGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const killer = spawn('kill', ['-KILL', '--', `-${child.pid}`], { stdio: 'ignore' });
  const itself = (): void => void child.kill('SIGKILL');
  killer.on('error', itself);
  killer.on('close', (status) => {
    if (status !== 0) itself();
  });
}

/** What holds its streams open after it is gone is not waited for: they are closed. */
function start(command: readonly string[], opened: OpenOptions): Started {
  const [program = '', ...args] = command;
  const { env, secrets } = environment(opened);
  const child = spawn(program, args, { cwd: opened.world.dir, env, stdio: 'pipe', detached: true });
  const stop = (): void => {
    endGroup(child);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const ended = new Promise<string | null>((done) => {
    child.on('error', (error) => done(`could not be started (${Reflect.get(error, 'code') ?? error.message})`));
    child.on('close', (status, signal) => done(status === 0 ? null : `ended with ${signal ?? `status ${status}`}`));
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
    opened.world.note(`${opened.name}: ${shown}`);
  });
  child.stdin.on('error', () => undefined);
  return { child, ended, stop };
}

async function* eventsOf(written: Written, request: CollectRequest, opened: OpenOptions): AsyncGenerator<RawEvent> {
  const { name, options } = opened;
  const command = [options['command'] ?? []].flat().map(String);
  if (command.length === 0) throw new McIngestError('MCI603', 'config', `source ${name}: command is empty`);
  const failed = (why: string): McIngestError =>
    new McIngestError('MCI604', 'failed', `source ${name}: ${command[0]} ${why}; nothing is pushed from it`);
  const checker = await EventChecker.of({ collect: request.collect, shown: `${name} (stdout)` });
  const { child, ended, stop } = start(command, opened);
  request.signal.addEventListener('abort', stop, { once: true });
  if (request.signal.aborted) stop();
  child.stdin.end(requestLine(request, opened));
  const normalise = normaliser(request.collect);
  try {
    for await (const found of numberedLines(child.stdout))
      if (written.isEvent(found) && checker.check(found.text, found.line))
        yield { noun: 'raw', text: normalise(found.text) };
    const why = (await ended) ?? written.wrong();
    if (request.signal.aborted) throw interrupted(name);
    if (why !== null) throw failed(why);
    const problems = checker.problems();
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
  } catch (error) {
    if (request.signal.aborted) throw interrupted(name);
    throw error instanceof SyntaxError ? failed(`wrote what is no text: ${error.message}`) : error;
  } finally {
    request.signal.removeEventListener('abort', stop);
    stop();
  }
}

function interrupted(name: string): McIngestError {
  return new McIngestError('MCI002', 'interrupted', `source ${name}: interrupted`);
}

function collectFrom(request: CollectRequest, opened: OpenOptions): Collection {
  const written = new Written();
  return {
    rows: eventsOf(written, request, opened),
    end: () => {
      const { end } = written;
      if (end === null) return { complete: false, missing: ['the program wrote no end line'] };
      const { events: _events, ...rest } = end;
      return rest;
    },
  };
}

/** Events from a program's stdout. Without its end line, or with an exit status other than 0, nothing is pushed. */
export const execSource: Source = {
  type: 'exec',
  open: async (opened) => ({
    collect: (request) => collectFrom(request, opened),
    close: async () => undefined,
  }),
};
