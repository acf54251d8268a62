import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, ended, folder, type Sandbox, startCli, startSandboxProcess } from '../support/cli.ts';

const UUID = '11111111-1111-4111-8111-111111111111';

function table(name: string, rows: number): string {
  return JSON.stringify({
    relational_asset: {
      type: 'TABLE',
      metadata: { name, database: 'shop', schema: 'public' },
      fields: [{ name: 'id', type: 'bigint' }],
      volume: { row_count: rows },
    },
  });
}

function manifestLines(lines: readonly string[]): string {
  return `${[...lines, JSON.stringify({ end: true, events: lines.length, complete: true })].join('\n')}\n`;
}

const CONFIG = `version: 1
project: shop
resources:
  warehouse: { uuid: "${UUID}", resource_type: snowflake }
sources:
  files: { type: file, resource: warehouse, path: tables.ndjson }
flows:
  shop_metadata: { source: files, collect: metadata, every: 1h }
lineage:
  defaults: { expireAt: never, resourceName: dbt }
  nodes:
    stg_orders: { objectType: model, objectId: "dbt://shop/stg_orders", name: stg_orders, properties: { team: data } }
    load_orders: { objectType: job, objectId: "airflow://load_orders", expireAt: 30d }
  edges:
    - { from: load_orders, to: stg_orders, expireAt: 30d }
    - { from: stg_orders, to: { table: shop.public.orders, resource: warehouse } }
`;

interface RunDocument {
  readonly format: string;
  readonly outcome: string;
  readonly exit_code: number;
  readonly changes: readonly {
    readonly key: string;
    readonly action: string;
    readonly status: string;
    readonly receipts: readonly { readonly invocation_id: string | null; readonly mcon?: string }[];
  }[];
}
interface PlanDocument {
  readonly changes: readonly { readonly key: string; readonly action: string; readonly reason: string }[];
  readonly fingerprint: string;
}

let place: Awaited<ReturnType<typeof folder>>;
let sandbox: Sandbox;

beforeEach(async () => {
  place = await folder({
    'mc-ingest.yaml': CONFIG,
    'tables.ndjson': manifestLines([table('orders', 3), table('drained', 0)]),
  });
  sandbox = await startSandboxProcess(place.path);
});

afterEach(async () => {
  await sandbox.stop();
  await place.remove();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = sandbox.env) =>
  cli(args, { cwd: place.path, env });
const planned = async (...args: string[]): Promise<PlanDocument> =>
  JSON.parse((await run(['plan', '--format', 'json', ...args])).stdout) as PlanDocument;
const work = ({ changes }: PlanDocument) => changes.filter(({ action }) => action !== 'keep' && action !== 'wait');

describe('file → plan → apply → nothing to do', () => {
  it('carries the whole file out, records every receipt, and then has nothing to do', async () => {
    expect(work(await planned()).map(({ key, action }) => `${action} ${key}`)).toEqual([
      'create node:load_orders',
      'create node:stg_orders',
      'create edge:load_orders->stg_orders',
      'create edge:stg_orders->table:shop:public.orders',
      'push flow:shop_metadata',
    ]);
    const applied = await run(['apply', '--yes', '--format', 'json']);
    expect(applied.code, applied.stderr).toBe(0);
    const document = JSON.parse(applied.stdout) as RunDocument;
    expect(document).toMatchObject({ format: 'mc-ingest.run/1', outcome: 'done', exit_code: 0 });
    const receipts = document.changes.flatMap((change) => change.receipts);
    expect(receipts).toHaveLength(5);
    const id = document.changes.find(({ key }) => key === 'flow:shop_metadata')?.receipts[0]?.invocation_id;
    expect(applied.stderr).toContain(id);
    expect(work(await planned())).toEqual([]);
    const again = await run(['plan', '--detailed-exitcode']);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/nothing to do until/);
    const shown = JSON.parse((await run(['state', 'show', '--format', 'json'])).stdout) as {
      items: Record<string, { mcon?: string }>;
    };
    expect(shown.items['node:stg_orders']?.mcon).toMatch(/^MCON\+\+/);
    expect((await stat(join(place.path, '.mc-ingest/state.json'))).mode & 0o777).toBe(0o600);
    expect((await run(['state', 'history', '--format', 'json'])).stdout).toContain(String(id));
  });

  it('says with --detailed-exitcode that changes are pending, and writes no state by planning', async () => {
    expect((await run(['plan', '--detailed-exitcode'])).code).toBe(2);
    await expect(stat(join(place.path, '.mc-ingest'))).rejects.toThrow();
  });

  it('plans the same bytes for a shuffled file', async () => {
    const first = await planned('--now', '2027-01-01T00:00:00Z');
    const nodes = CONFIG.split('\n');
    const at = nodes.findIndex((line) => line.includes('stg_orders: {'));
    nodes.splice(at, 2, nodes[at + 1] ?? '', nodes[at] ?? '');
    await writeFile(join(place.path, 'mc-ingest.yaml'), nodes.join('\n'));
    const second = await planned('--now', '2027-01-01T00:00:00Z');
    expect(second.changes).toEqual(first.changes);
    expect(second.fingerprint).toBe(first.fingerprint);
  });

  it('sees a 7-day life end: a node that lapsed remotely is created again after the clock has moved', async () => {
    await run(['apply', '--yes']);
    const later = await planned('--now', new Date(Date.now() + 40 * 86_400_000).toISOString());
    expect(work(later).map(({ key, action }) => `${action} ${key}`)).toEqual(
      expect.arrayContaining([
        'recreate node:load_orders',
        'recreate edge:load_orders->stg_orders',
        'push flow:shop_metadata',
      ]),
    );
  });

  it('updates field by field, replaces an identity with its edges, and deletes with what goes with it', async () => {
    await run(['apply', '--yes']);
    await writeFile(
      join(place.path, 'mc-ingest.yaml'),
      CONFIG.replace('team: data', 'team: platform').replace('airflow://load_orders', 'airflow://load_orders_v2'),
    );
    const changes = work(await planned());
    expect(changes.find(({ key }) => key === 'node:stg_orders')).toMatchObject({
      action: 'update',
      fields: [{ path: 'properties.team', before: 'data', after: 'platform' }],
    });
    expect(changes.find(({ key }) => key === 'node:load_orders')).toMatchObject({ action: 'replace' });
    const applied = await run(['apply', '--yes', '--format', 'json']);
    expect(applied.code, applied.stderr).toBe(0);
    const lineage = JSON.stringify(await sandbox.get('lineage'));
    expect(lineage).toContain('load_orders_v2');
    expect(lineage).not.toContain('"airflow://load_orders"');
    expect(work(await planned())).toEqual([]);
    await writeFile(join(place.path, 'mc-ingest.yaml'), CONFIG.slice(0, CONFIG.indexOf('lineage:')));
    expect(work(await planned()).map(({ action }) => action)).toEqual(['delete', 'delete', 'delete', 'delete']);
    expect((await run(['apply', '--yes'])).code).toBe(0);
    expect(JSON.stringify(await sandbox.get('lineage'))).not.toContain('stg_orders');
  });

  it('refuses a stale approval with exit 7 and changes nothing', async () => {
    expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
    await writeFile(join(place.path, 'mc-ingest.yaml'), CONFIG.replace('team: data', 'team: other'));
    const refused = await run(['apply', 'plan.json']);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('MCI353');
    expect(await sandbox.get('requests')).toEqual(expect.objectContaining({}));
    expect(JSON.stringify(await sandbox.get('lineage'))).not.toContain('stg_orders');
  });

  it('asks for --yes where nobody can be asked', async () => {
    const refused = await run(['apply']);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('MCI004');
  });

  it('names the key that is missing before anything is done', async () => {
    const { MCD_TOKEN: _gone, ...env } = sandbox.env;
    const refused = await run(['apply', '--yes'], env);
    expect(refused.code).toBe(65);
    expect(refused.stderr).toContain('MCD_TOKEN');
    expect(await sandbox.get('assets')).toEqual([]);
  });

  it('names the wrong key on 403, ends partly applied, and the next apply does what is left', async () => {
    await sandbox.post('faults', [{ on: 'metadata', times: 1, status: 403 }]);
    const first = await run(['apply', '--yes', '--format', 'json']);
    expect(first.code).toBe(3);
    expect(first.stdout).toContain('MCI412');
    expect(first.stdout).toContain(UUID);
    const second = await run(['apply', '--yes', '--format', 'json']);
    expect(second.code, second.stderr).toBe(0);
    expect(
      (JSON.parse(second.stdout) as RunDocument).changes
        .filter(({ status }) => status === 'done')
        .map(({ key }) => key),
    ).toEqual(['flow:shop_metadata']);
  });

  it('keeps every receipt it printed when it is killed, and the next apply goes on', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
    const nodes = names.map((name) => `    ${name}: { objectType: job, objectId: "job://${name}" }`).join('\n');
    await writeFile(
      join(place.path, 'mc-ingest.yaml'),
      `${CONFIG.slice(0, CONFIG.indexOf('  nodes:'))}  nodes:\n${nodes}\n`,
    );
    await sandbox.post('faults', [{ on: 'graphql', times: 1_000, delay_ms: 20 }]);
    const child = startCli(['apply', '--yes'], { cwd: place.path, env: sandbox.env });
    child.stdin?.end();
    let printed = 0;
    child.stderr?.on('data', (text: Buffer) => {
      printed += text
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('receipt')).length;
      if (printed >= 15) child.kill('SIGKILL');
    });
    const killed = await ended(child);
    expect(killed.code).toBeNull();
    const ids = [...killed.stderr.matchAll(/(MCON\+\+\S+)/g)].map((match) => match[1] ?? '');
    expect(ids.length).toBeGreaterThanOrEqual(14); // the last line may have been cut
    const kept = (await planned()).changes.filter(({ action }) => action === 'keep').length;
    expect(kept, 'plan sees what the killed run did').toBeGreaterThanOrEqual(14);
    const next = await run(['apply', '--yes', '--format', 'json', '--lock-timeout', '5s']);
    expect(next.code, next.stderr).toBe(0);
    const history = (await run(['state', 'history', '--format', 'json'])).stdout;
    for (const id of ids) expect(history).toContain(id);
    const shown = JSON.parse((await run(['state', 'show', '--format', 'json'])).stdout) as {
      items: Record<string, unknown>;
    };
    expect(Object.keys(shown.items).filter((key) => key.startsWith('node:'))).toHaveLength(60);
    expect(work(await planned())).toEqual([]);
  });

  it('ends an interrupted run with 130, records what was in flight, and unlocks', async () => {
    const nodes = Array.from(
      { length: 40 },
      (_, index) => `    n${index}: { objectType: job, objectId: "job://${index}" }`,
    ).join('\n');
    await writeFile(
      join(place.path, 'mc-ingest.yaml'),
      `${CONFIG.slice(0, CONFIG.indexOf('  nodes:'))}  nodes:\n${nodes}\n`,
    );
    await sandbox.post('faults', [{ on: 'graphql', times: 1_000, delay_ms: 50 }]);
    const child = startCli(['apply', '--yes', '--format', 'json'], { cwd: place.path, env: sandbox.env });
    child.stdin?.end();
    child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 200));
    const stopped = await ended(child);
    expect(stopped.code).toBe(130);
    const document = JSON.parse(stopped.stdout) as RunDocument;
    expect(document.outcome).toBe('interrupted');
    expect(document.changes.some(({ status }) => status === 'skipped')).toBe(true);
    await sandbox.post('faults', []);
    expect((await run(['apply', '--yes'])).code).toBe(0);
  });

  it('tells of a lost answer: an upsert is in doubt only when no try got an answer, and never silently', async () => {
    await sandbox.post('faults', [{ on: 'metadata', times: 3, drop: 'after' }]);
    const first = await run(['apply', '--yes', '--format', 'json']);
    expect(first.code).toBe(9);
    const document = JSON.parse(first.stdout) as RunDocument;
    expect(document.outcome).toBe('in_doubt');
    expect(document.changes.find(({ key }) => key === 'flow:shop_metadata')?.status).toBe('unknown');
    expect((await run(['apply', '--yes'])).code).toBe(0);
  });

  it('shows no secret in any output, state, manifest or journal', async () => {
    const token = sandbox.env['MCD_INGEST_TOKEN'] ?? 'none';
    await sandbox.post('faults', [{ on: 'metadata', times: 1, status: 400, body: `echo ${token}` }]);
    const failed = await run(['apply', '--yes', '--format', 'json', '--verbose']);
    expect(failed.stdout + failed.stderr).not.toContain(token);
    const state = await readFile(join(place.path, '.mc-ingest/state.json'), 'utf8');
    expect(state).not.toContain(token);
  });
});
