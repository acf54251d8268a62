import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { program } from './paths.ts';

export interface Ended {
  /** Seconds from the start of the process to its end. */
  readonly wall_s: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a process used, start-up included. */
export interface Used extends Ended {
  /** User and system time of all its threads. */
  readonly cpu_s: number;
  readonly peak_mb: number;
}

export interface RunOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit statuses that are no failure; 0 alone unless said. */
  readonly codes?: readonly number[];
}

function environment({ cwd, env }: RunOptions): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', NO_COLOR: '1', ...env };
}

/** A command line for a message, without the long words. */
function shown(command: string, args: readonly string[]): string {
  return [command, ...args].filter((word) => word.length < 200).join(' ');
}

/** Runs a program to its end. Throws with the end of its stderr when it fails. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: environment(options),
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let wall = 0;
    child.on('exit', () => {
      wall = (performance.now() - began) / 1000;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if ((options.codes ?? [0]).includes(code ?? -1)) resolve({ wall_s: wall, code, stdout, stderr });
      else reject(new Error(`${shown(command, args)} ended with ${code}: ${(stderr || stdout).trim().slice(-600)}`));
    });
  });
}

/** Runs a node program and measures it from inside, by a module that is loaded before it. */
export async function measured(args: readonly string[], options: RunOptions): Promise<Used> {
  const folder = await mkdtemp(join(tmpdir(), 'mc-ingest-usage-'));
  try {
    const file = join(folder, 'usage.json');
    const preload = pathToFileURL(program('usage')).href;
    const env = { ...options.env, BENCH_USAGE: file };
    const ended = await run(process.execPath, ['--import', preload, ...args], { ...options, env });
    const usage: { readonly cpu_s: number; readonly peak_mb: number } = JSON.parse(await readFile(file, 'utf8'));
    return { ...ended, ...usage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
