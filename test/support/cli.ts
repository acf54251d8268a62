import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts the built command line with an environment of its own: nothing of the caller's but PATH. */
export function startCli(args: readonly string[], { cwd, env = {} }: CliOptions): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Collects what a process prints until it ends. */
export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the built command line to its end. */
export async function cli(args: readonly string[], options: CliOptions): Promise<Ended> {
  const child = startCli(args, options);
  child.stdin?.end(options.input ?? '');
  return ended(child);
}

export interface Sandbox {
  readonly env: Readonly<Record<string, string>>;
  readonly endpoint: string;
  get(name: string): Promise<unknown>;
  post(name: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the real `mc-ingest sandbox` and speaks to its control endpoints. */
export async function startSandboxProcess(cwd: string): Promise<Sandbox> {
  const child = startCli(['sandbox'], { cwd });
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.on('close', (code) => reject(new Error(`the sandbox ended with ${code}`)));
  });
  const { endpoint, env } = JSON.parse(line) as { endpoint: string; env: Record<string, string> };
  const call = async (name: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(new URL(`/_sandbox/${name}`, endpoint), init);
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    env,
    endpoint,
    get: (name) => call(name),
    post: (name, body) =>
      call(name, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    async stop() {
      const closed = new Promise((resolve) => child.on('close', resolve));
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** A temporary folder with the given files in it. */
export async function folder(
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mc-ingest-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
