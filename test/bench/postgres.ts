import { spawn } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { run } from './measure.ts';
import type { Bench } from './part.ts';

const HOME = '/usr/lib/postgresql';
/** The server refuses to run as root. */
const ROLE = 'postgres';
const SETTINGS = [
  'fsync=off',
  'synchronous_commit=off',
  'shared_buffers=128MB',
  'autovacuum=off',
  'listen_addresses=127.0.0.1',
];

export interface Postgres {
  readonly port: number;
  readonly user: string;
  /** Runs statements by psql; lines ending in `\gexec` too. */
  sql(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where the newest server's programs lie; null when there is none. */
async function binaries(): Promise<string | null> {
  const versions = (await readdir(HOME).catch(() => [])).map(Number).sort((a, b) => b - a);
  for (const version of versions) {
    const folder = join(HOME, String(version), 'bin');
    const found = await access(join(folder, 'initdb')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** As another user when we are root. */
function words(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  return process.getuid?.() === 0 ? ['runuser', ['-u', ROLE, '--', command, ...args]] : [command, args];
}

async function untilReady(bin: string, at: readonly string[], bench: Bench): Promise<void> {
  for (;;) {
    const ready = await run(join(bin, 'pg_isready'), at, { cwd: '/', signal: bench.signal }).then(
      () => true,
      () => false,
    );
    if (ready) return;
    bench.signal.throwIfAborted();
  }
}

/** Starts a PostgreSQL of the distribution with an empty cluster, on this machine only; else says what is missing. */
export async function startPostgres(bench: Bench): Promise<Postgres | { readonly missing: string }> {
  const bin = await binaries();
  if (bin === null) return { missing: `a PostgreSQL of the distribution (${HOME}/*/bin)` };
  const as = (command: string, args: readonly string[]) =>
    run(...words(command, args), { cwd: '/', signal: bench.signal });
  const folder = (await as('mktemp', ['-d', '/tmp/mc-ingest-pg-XXXXXX'])).stdout.trim();
  await as(join(bin, 'initdb'), ['-D', folder, '-U', ROLE, '--auth=trust', '-E', 'UTF8', '--no-sync']);
  const port = await freePort();
  const settings = [...SETTINGS, `port=${port}`, `unix_socket_directories=${folder}`].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const [command, args] = words(join(bin, 'postgres'), ['-D', folder, ...settings]);
  const child = spawn(command, args, { cwd: '/', stdio: 'ignore' });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const at = ['-h', '127.0.0.1', '-p', String(port), '-U', ROLE];
  const stop = async (): Promise<void> => {
    await run(...words(join(bin, 'pg_ctl'), ['-D', folder, '-m', 'immediate', 'stop']), {
      cwd: '/',
      signal: AbortSignal.timeout(60_000),
    });
    await closed;
    await run('rm', ['-rf', folder], { cwd: '/', signal: AbortSignal.timeout(60_000) });
  };
  try {
    await untilReady(bin, at, bench);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    user: ROLE,
    stop,
    async sql(text) {
      const options = [...at, '-d', ROLE, '-v', 'ON_ERROR_STOP=1', '-q', '-o', '/dev/null', '-c'];
      await run(join(bin, 'psql'), [...options, text], { cwd: '/', signal: bench.signal });
    },
  };
}
