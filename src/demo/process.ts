import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { McIngestError } from '../errors.ts';

type Env = Readonly<Record<string, string>>;

/** How this tool is started again, where, and with which variables. */
export interface Start {
  /** The node binary and the path of the command line. */
  readonly node: readonly string[];
  readonly cwd: string;
  readonly env: Env;
}

function start({ node, cwd, env }: Start, args: readonly string[], stdout: 'inherit' | 'pipe'): ChildProcess {
  const [binary = 'node', ...script] = node;
  return spawn(binary, [...script, ...args], { cwd, env, stdio: ['ignore', stdout, 'inherit'] });
}

/** Throws MCI002 for a process that a signal ended: at a terminal, Ctrl-C reaches it before we have heard of it. */
function notInterrupted({ exitCode, signalCode }: ChildProcess): void {
  const byHand = ['SIGINT', 'SIGTERM'].includes(signalCode ?? '') || exitCode === 130 || exitCode === 143;
  if (byHand) throw new McIngestError('MCI002', 'interrupted', 'the demo was interrupted');
}

/** Runs one command as a user would; what it prints goes where ours does. Returns its exit code. Throws MCI002. */
export async function runCommand(how: Start, args: readonly string[]): Promise<number> {
  const child = start(how, args, 'inherit');
  await once(child, 'close');
  notInterrupted(child);
  return child.exitCode ?? 1;
}

/** The sandbox as its own process. `env` is what leads the tool to it. */
export interface RunningSandbox {
  readonly page: string;
  readonly env: Env;
  stop(): Promise<void>;
}

interface Announced {
  readonly page: string;
  readonly env: Env;
}

/** Starts `mc-ingest sandbox` and waits for the line that says where it listens. Throws MCI802, or MCI002. */
export async function startSandbox(how: Start): Promise<RunningSandbox> {
  const child = start(how, ['sandbox', '--port', '0'], 'pipe');
  const ended = once(child, 'close');
  const first = await firstLine(child);
  if (first === null) {
    await ended;
    notInterrupted(child);
    throw new McIngestError('MCI802', 'failed', 'the sandbox did not start', { fix: 'mc-ingest sandbox' });
  }
  const { page, env } = JSON.parse(first) as Announced;
  return {
    page,
    env,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | null> {
  if (child.stdout === null) return null;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return null;
}
