import { type ChildProcess, spawn } from 'node:child_process';
import { program } from './paths.ts';

/** What a sink was sent since it was last asked. */
export interface Received {
  readonly requests: number;
  readonly events: number;
  /** The same for the same events, however they were batched. */
  readonly digest: string;
  readonly bytes: number;
  readonly largest: number;
  readonly connections: number;
}

export interface Sink {
  readonly url: string;
  /** Counts what was received, and forgets it. */
  received(): Promise<Received>;
  stop(): Promise<void>;
}

/** A program that says where it listens in its first line. */
export interface Started {
  readonly child: ChildProcess;
  readonly firstLine: string;
  stop(): Promise<void>;
}

/** Starts a node program and waits for its first line. It is killed when `signal` is aborted. */
export async function start(
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly cwd?: string },
): Promise<Started> {
  const child = spawn(process.execPath, args, { ...options, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const firstLine = await new Promise<string>((resolve, reject) => {
    let text = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      errors = `${errors}${more}`.slice(-600);
    });
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      if (text.includes('\n')) return;
      text += more;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`${args[0]} ended with ${code}: ${errors}`)));
  });
  return {
    child,
    firstLine,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Starts the sink in a process of its own. */
export async function startSink(delayMs: number, signal: AbortSignal): Promise<Sink> {
  const { firstLine, stop } = await start([program('sink'), String(delayMs)], { signal });
  const { port }: { readonly port: number } = JSON.parse(firstLine);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    stop,
    async received() {
      const response = await fetch(url, { signal });
      return (await response.json()) as Received;
    },
  };
}
