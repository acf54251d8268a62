import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** Where distributions put the server's programs; MC_INGEST_TEST_PG_BIN names another place. */
const PLACES = [
  process.env['MC_INGEST_TEST_PG_BIN'] ?? '',
  ...[18, 17, 16, 15, 14, 13, 12].map((version) => `/usr/lib/postgresql/${version}/bin`),
  '/usr/local/bin',
  '/opt/homebrew/opt/postgresql/bin',
];

/** The folder of the server's programs, or null when there is none on this machine. */
export const POSTGRES_BIN = PLACES.find((folder) => folder !== '' && existsSync(join(folder, 'initdb'))) ?? null;

export const SUPERUSER = { user: 'boss', password: 'pw-of-boss-7c1f' } as const;

export interface Postgres {
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  /** Runs SQL as the superuser; the rows of the last statement. */
  sql(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Lines for postgresql.conf. */
  readonly conf?: readonly string[];
  /** Certificate and key for TLS, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** The server refuses to run as root: then it runs as the user `postgres`. */
async function owner(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

async function answering(pool: () => pg.Client, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const client = pool();
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('the server did not start');
}

/** Starts a PostgreSQL server of its own on a free port of 127.0.0.1, with SCRAM passwords; `stop` ends it and removes its data. */
export async function startPostgres({ conf = [], tls }: PostgresOptions = {}): Promise<Postgres> {
  if (POSTGRES_BIN === null) throw new Error('no PostgreSQL server here: apt-get install postgresql');
  const dir = await mkdtemp(join(tmpdir(), 'mc-ingest-pg-'));
  const as = await owner();
  const data = join(dir, 'data');
  const passwords = join(dir, 'pw');
  await writeFile(passwords, SUPERUSER.password);
  await chmod(dir, 0o755);
  if (as !== null) for (const path of [dir, passwords]) await chown(path, as.uid, as.gid);
  const flags = [
    '-D',
    data,
    '-U',
    SUPERUSER.user,
    '--pwfile',
    passwords,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '-N',
  ];
  await run(join(POSTGRES_BIN, 'initdb'), flags, { cwd: dir, ...as });
  const settings = [`unix_socket_directories = '${dir}'`, 'fsync = off', ...conf];
  if (tls !== undefined) {
    for (const [name, text] of [
      ['server.crt', tls.cert],
      ['server.key', tls.key],
    ] as const) {
      await writeFile(join(data, name), text, { mode: 0o600 });
      if (as !== null) await chown(join(data, name), as.uid, as.gid);
    }
    settings.push('ssl = on');
  }
  await appendFile(join(data, 'postgresql.conf'), `${settings.join('\n')}\n`);
  const port = await freePort();
  const server = spawn(join(POSTGRES_BIN, 'postgres'), ['-D', data, '-p', String(port), '-h', '127.0.0.1'], {
    cwd: dir,
    stdio: 'ignore',
    ...as,
  });
  const client = (database = 'postgres'): pg.Client =>
    new pg.Client({
      host: '127.0.0.1',
      port,
      database,
      ...SUPERUSER,
      ssl: tls === undefined ? false : { rejectUnauthorized: false },
    });
  await answering(client, server);
  return {
    host: '127.0.0.1',
    port,
    dir,
    async sql(text, database) {
      const one = client(database);
      await one.connect();
      try {
        const result: unknown = await one.query(text);
        const last = Array.isArray(result) ? result.at(-1) : result;
        return (last as pg.QueryResult).rows as Record<string, unknown>[];
      } finally {
        await one.end();
      }
    },
    async stop() {
      const ended = new Promise((resolve) => server.on('close', resolve));
      // SIGINT is "fast": sessions are ended, nothing is waited for.
      server.kill('SIGINT');
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
