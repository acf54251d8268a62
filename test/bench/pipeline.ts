import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UUID } from './manifests.ts';
import { measured, run, type Used } from './measure.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { CLI } from './paths.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { start } from './server.ts';

const LOGS = [10_000, 100_000, 1_000_000] as const;
const TABLES = [1_000, 10_000] as const;

interface Local {
  readonly postgres: Postgres;
  /** What the sandbox says must be in the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly endpoint: string;
}

/** So many query logs of about 0.5 KB, made by the server as they are read. */
function logsQuery(count: number): string {
  return `SELECT timestamptz '2026-03-01' + i * interval '1 second' AS start_time,
      timestamptz '2026-03-01' + (i + 3) * interval '1 second' AS end_time,
      'insert into analytics.table_' || i || ' select ' || repeat('t.column_a as c, ', 12) || 'x from t' AS query_text,
      'q' || i AS query_id, 'user_' || i % 50 AS user, i AS returned_rows
    FROM generate_series(1, ${count}) AS i`;
}

function config({ port, user }: Postgres, flow: string): string {
  return `version: 1
project: bench
resources: { db: { uuid: "${UUID}", resource_type: snowflake } }
sources:
  pg: { type: postgres, resource: db, host: 127.0.0.1, port: ${port}, user: ${user}, database: postgres, include: [postgres.bench.*] }
  queries: { type: sql, resource: db, connection: pg }
log_types: { sql: snowflake }
flows:
  ${flow}
`;
}

interface RunDocument {
  readonly outcome: string;
  readonly changes: readonly {
    readonly error?: { readonly message: string };
    readonly collected?: { readonly events: number; readonly complete: boolean };
    readonly receipts: readonly { readonly events: number; readonly bytes: number }[];
  }[];
}

interface Applied extends Used {
  readonly requests: number;
  readonly bytes: number;
}

/** One apply of one flow, checked: the sandbox gave receipts for every row. */
async function apply(
  what: { readonly name: string; readonly flow: string; readonly count: number },
  local: Local,
  bench: Bench,
): Promise<Applied> {
  const cwd = join(bench.folder, what.name);
  await mkdir(cwd);
  await writeFile(join(cwd, 'mc-ingest.yaml'), config(local.postgres, what.flow));
  const used = await measured([CLI, 'apply', '--yes', '--format', 'json'], {
    cwd,
    signal: bench.signal,
    env: local.env,
  });
  const { outcome, changes }: RunDocument = JSON.parse(used.stdout);
  const receipts = changes.flatMap((change) => change.receipts);
  const sum = (of: 'events' | 'bytes') => receipts.reduce((total, receipt) => total + receipt[of], 0);
  if (outcome !== 'done' || sum('events') !== what.count)
    throw new Error(
      `${what.name}: ${outcome}, ${sum('events')} of ${what.count} rows; ${changes[0]?.error?.message ?? ''}`,
    );
  await checkRefused(local, bench);
  return { ...used, requests: receipts.length, bytes: sum('bytes') };
}

/** What was taken with a receipt and then refused counts as not arrived; the sandbox forgets the rest of the run. */
async function checkRefused({ endpoint }: Local, { signal }: Bench): Promise<void> {
  const control = (name: string, init: RequestInit = {}) =>
    fetch(new URL(`/_sandbox/${name}`, endpoint), { ...init, signal });
  const refused = JSON.stringify(await (await control('rejected')).json());
  if (/"(code|reason)"/.test(refused)) throw new Error(`the sandbox refused events: ${refused.slice(0, 300)}`);
  await control('reset', { method: 'POST' });
}

function tell(bench: Bench, what: string, count: number, { wall_s, peak_mb, cpu_s, requests, bytes }: Applied): void {
  const detail = `${wall_s.toFixed(1)} s, CPU ${cpu_s.toFixed(1)} s, peak ${peak_mb.toFixed(0)} MB, ${requests} requests, ${(bytes / 1e6).toFixed(0)} MB`;
  bench.found({ what, value: count / wall_s, unit: 'rows/s', detail });
}

async function queryLogs(local: Local, bench: Bench): Promise<void> {
  const peaks: number[] = [];
  for (const count of LOGS) {
    bench.say(`${count} query logs`);
    const flow = `logs: { source: queries, collect: query_logs, every: 1h, query: ${JSON.stringify(logsQuery(count))} }`;
    const applied = await apply({ name: `logs-${count}`, flow, count }, local, bench);
    tell(bench, `${count.toLocaleString('en')} query logs by sql`, count, applied);
    peaks.push(applied.peak_mb);
  }
  const [, middle = 0, last = 0] = peaks;
  bench.found({
    what: 'peak of 1M query logs to that of 100k',
    value: last / middle,
    unit: 'x',
    target: atMost(1.2),
    detail: `${last.toFixed(0)} MB / ${middle.toFixed(0)} MB`,
  });
  bench.found({ what: 'peak of 1M query logs', value: last, unit: 'MB', target: atMost(180) });
}

async function metadata(local: Local, bench: Bench): Promise<void> {
  await local.postgres.sql('CREATE SCHEMA bench');
  const columns = Array.from(
    { length: 20 },
    (_, index) => `column_${index} ${index % 2 === 0 ? 'bigint' : 'varchar(20)'}`,
  ).join(', ');
  let made = 0;
  for (const count of TABLES) {
    bench.say(`${count} tables`);
    for (; made < count; made += 100)
      await local.postgres.sql(
        `DO $$ BEGIN FOR i IN ${made}..${made + 99} LOOP EXECUTE 'CREATE TABLE bench.t' || i || ' (${columns})'; END LOOP; END $$`,
      );
    // What autovacuum would have done by now: the catalog's own statistics.
    await local.postgres.sql('ANALYZE');
    const applied = await apply(
      { name: `tables-${count}`, flow: 'tables: { source: pg, collect: metadata, every: 1h }', count },
      local,
      bench,
    );
    tell(bench, `${count.toLocaleString('en')} tables of 20 columns`, count, applied);
  }
}

/** What this build lacks for the pipeline; null: nothing. */
async function lacking({ folder, signal }: Bench): Promise<string | null> {
  const { stdout } = await run(process.execPath, [CLI, '--help'], { cwd: folder, signal });
  if (!/^ +sandbox/m.test(stdout)) return 'the command `sandbox`';
  const schema = await run(process.execPath, [CLI, 'schema'], { cwd: folder, signal });
  const absent = ['postgres', 'sql'].filter((type) => !schema.stdout.includes(`"${type}"`));
  return absent.length === 0 ? null : `sources of type ${absent.join(' and ')}`;
}

async function measure(bench: Bench): Promise<void> {
  const what = 'PostgreSQL to sandbox';
  const lacks = await lacking(bench);
  if (lacks !== null) return bench.found({ what, missing: lacks });
  const postgres = await startPostgres(bench);
  if ('missing' in postgres) return bench.found({ what, missing: postgres.missing });
  try {
    const sandbox = await start([CLI, 'sandbox'], { signal: bench.signal, cwd: bench.folder });
    try {
      const { endpoint, env }: Pick<Local, 'endpoint' | 'env'> = JSON.parse(sandbox.firstLine);
      await metadata({ postgres, env, endpoint }, bench);
      await queryLogs({ postgres, env, endpoint }, bench);
    } finally {
      await sandbox.stop();
    }
  } finally {
    await postgres.stop();
  }
}

export const pipeline: Part = {
  name: 'pipeline',
  what: 'a real PostgreSQL to the sandbox: rows a second and peak memory',
  seconds: 300,
  run: measure,
};
