import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireConfig } from '../../src/config/load.ts';
import { desire } from '../../src/flows/desire.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';
import { encodeState } from '../../src/state/codec.ts';
import { EMPTY, stateOf } from '../plan/support.ts';
import { cli, type Ended, folder } from '../support/cli.ts';

const NOW = '2026-11-24T10:00:00Z';
const UUID = '11111111-1111-4111-8111-111111111111';
const HEAD = `version: 1
project: shop
resources:
  warehouse: { uuid: "${UUID}", resource_type: snowflake }
sources:
  files: { type: file, resource: warehouse, path: rows.ndjson }
`;

const BEFORE = `${HEAD}flows:
  meta: { source: files, collect: metadata, every: 1h }
  gone: { source: files, collect: query_logs, every: 1h, log_type: snowflake }
lineage:
  defaults: { expireAt: never, resourceName: dbt }
  nodes:
    stg_orders: { objectType: model, objectId: "dbt://stg_orders", properties: { team: data-eng } }
    load_orders: { objectType: job, objectId: "airflow://load_orders", expireAt: 2h }
    once: { objectType: job, objectId: "airflow://once", expireAt: 2026-11-24T10:30:00Z }
    lapsed: { objectType: job, objectId: "airflow://lapsed", expireAt: 30m }
    report: { objectType: report, objectId: "bi://1" }
    old_report: { objectType: report, objectId: "bi://old" }
    let_go: { objectType: report, objectId: "bi://let_go" }
    same: { objectType: model, objectId: "dbt://same" }
  edges:
    - { from: stg_orders, to: report }
    - { from: old_report, to: same }
    - { from: stg_orders, to: old_report }
`;

const AFTER = `${HEAD}flows:
  meta: { source: files, collect: metadata, every: 1h }
  lineage: { source: files, collect: table_lineage, every: 24h }
lineage:
  defaults: { expireAt: never, resourceName: dbt }
  nodes:
    fct_orders: { objectType: model, objectId: "dbt://fct_orders" }
    stg_orders: { objectType: model, objectId: "dbt://stg_orders", properties: { team: platform } }
    load_orders: { objectType: job, objectId: "airflow://load_orders", expireAt: 2h }
    once: { objectType: job, objectId: "airflow://once", expireAt: 2026-11-24T10:30:00Z }
    lapsed: { objectType: job, objectId: "airflow://lapsed", expireAt: 30m }
    report: { objectType: report, objectId: "bi://2" }
    same: { objectType: model, objectId: "dbt://same" }
  edges:
    - { from: stg_orders, to: fct_orders }
    - { from: stg_orders, to: report }
removed: ["node:let_go"]
`;

let place: Awaited<ReturnType<typeof folder>>;

beforeEach(async () => {
  place = await folder({ 'mc-ingest.yaml': AFTER });
});

afterEach(async () => {
  await place.remove();
});

/** Leaves the state that an apply of a configuration at a time would have left. */
async function applied(text: string, at: string): Promise<void> {
  await writeFile(join(place.path, 'before.yaml'), text);
  const config = await requireConfig({
    file: 'before.yaml',
    cwd: place.path,
    env: {},
    sourceTypes: SOURCE_TYPES,
    secrets: 'defer',
    now: Date.parse(at),
  });
  await mkdir(join(place.path, '.mc-ingest'), { mode: 0o700 });
  const state = stateOf(desire(config), Date.parse(at), { ...EMPTY, serial: 40 });
  await writeFile(join(place.path, '.mc-ingest', 'state.json'), encodeState(state), { mode: 0o600 });
}

function plan(...args: string[]): Promise<Ended> {
  return cli(['plan', '--now', NOW, ...args], { cwd: place.path });
}

describe('mc-ingest plan', () => {
  it('works without a state, without keys and without secrets, and writes nothing', async () => {
    const { code, stdout, stderr } = await plan();
    expect(code, stderr).toBe(0);
    expect(stdout.split('\n')[0]).toBe('shop · 11 items · no state yet · now 10:00 UTC, next run 11:00');
    await expect(stat(join(place.path, '.mc-ingest'))).rejects.toThrow('ENOENT');
  });

  it('shows every action with its mark, its key and what it means', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    const { code, stdout } = await plan('--allow', 'mass-delete');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "shop · 16 items · state 41 (saved 09:23 UTC) · now 10:00 UTC, next run 11:00
      + 2 create   ~ 2 update   ⟳ 1 renew   + 1 recreate   ± 1 replace   - 3 delete   - 2 forget   → 1 push   … 1 wait   = 2 keep

      + node:fct_orders              model  dbt://fct_orders
      ~ node:stg_orders              properties.team  data-eng → platform
      ⟳ node:load_orders             lapses 11:25, before the next run → 12:00
      + node:lapsed                  it lapsed
      ± node:report                  objectId  bi://1 → bi://2 · moves 1 edge: stg_orders->report
      + edge:stg_orders->fct_orders
      ~ edge:stg_orders->report      made again on the new node · destination.objectId  bi://1 → bi://2
      → flow:lineage                 never pushed · its table edges never expire
      - edge:old_report->same        goes with node:old_report
      - edge:stg_orders->old_report  goes with node:old_report
      - node:old_report              for good; takes 2 edges with it: old_report->same, stg_orders->old_report
      - node:let_go                  forgotten; nothing is done remotely
      - flow:gone                    no longer in the file
      … flow:meta                    until 10:23: pushed at 09:23, and a resource takes one push an hour

      Lapses before the next run and nothing renews it:
        node:lapsed  10:30   its life is shorter than the time to the next run
        node:once    10:30   its expireAt is a fixed date

      fingerprint a167ded2   \`mc-ingest apply --expect a167ded2 --allow mass-delete\` does exactly this
      "
    `);
  });

  it('shows the same in ASCII where the terminal is not UTF-8', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    const { stdout } = await cli(['plan', '--now', NOW], { cwd: place.path, env: { LC_ALL: 'C' } });
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
    expect(stdout).toContain('% node:report ');
    expect(stdout).toContain('> flow:lineage ');
    expect(stdout).toContain('. flow:meta ');
    expect(stdout).toContain('data-eng -> platform');
  });

  it('writes a comment for a pull request', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    const { stdout } = await plan('--format', 'markdown', '--select', 'node:stg_orders', 'old_report', 'flow:meta');
    expect(stdout).toMatchInlineSnapshot(`
      "### mc-ingest plan: shop

      **1 update · 3 delete · 1 wait**

      | | item | what |
      |---|---|---|
      | \\~ update | \`node:stg_orders\` | properties.team  data-eng → platform |
      | - delete | \`edge:old_report->same\` | goes with node:old_report |
      | - delete | \`edge:stg_orders->old_report\` | goes with node:old_report |
      | - delete | \`node:old_report\` | for good; takes 2 edges with it: old_report->same, stg_orders->old_report |
      | … wait | \`flow:meta\` | until 10:23: pushed at 09:23, and a resource takes one push an hour |

      Lapses before the next run and nothing renews it:

      - \`node:once\` 10:30 UTC: its expireAt is a fixed date

      now 2026-11-24T10:00:00.000Z · fingerprint \`sha256:27f88a50d1e3d30320bd984572cb5823e7f227e1a6a524a0f86e28b9b0d34ace\`
      "
    `);
  });

  it('is one line when there is nothing to do', async () => {
    await applied(
      AFTER.replace(/ {2}lineage: \{.*\n/, '')
        .replace('2026-11-24T10:30:00Z', 'never')
        .replace('30m', '30d')
        .replace('expireAt: 2h', 'expireAt: 30d'),
      '2026-11-24T09:55:00Z',
    );
    await writeFile(
      join(place.path, 'mc-ingest.yaml'),
      AFTER.replace(/ {2}lineage: \{.*\n/, '')
        .replace('2026-11-24T10:30:00Z', 'never')
        .replace('30m', '30d')
        .replace('expireAt: 2h', 'expireAt: 30d'),
    );
    const { code, stdout } = await plan('--detailed-exitcode');
    expect(stdout).toBe('shop · 10 items · nothing to do until 10:55 UTC\n');
    expect(code).toBe(0);
  });

  it('is the document of interfaces.md with --format json, and the same in the file of --out, for its owner only', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    const { code, stdout, stderr } = await plan(
      '--format',
      'json',
      '--out',
      'plan.json',
      '--detailed-exitcode',
      '--allow',
      'mass-delete',
    );
    expect(code, stderr).toBe(2);
    expect(stderr).toBe('');
    const file = join(place.path, 'plan.json');
    expect(await readFile(file, 'utf8')).toBe(stdout);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      format: 'mc-ingest.plan/1',
      tool: { name: 'mc-ingest', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      now: '2026-11-24T10:00:00.000Z',
      base: { config_digest: expect.stringMatching(/[0-9a-f]{64}$/), state: { lineage: 'l-1', serial: 41 } },
      vanishing: [
        { key: 'node:lapsed', expires_at: '2026-11-24T10:30:00+00:00' },
        { key: 'node:once', expires_at: '2026-11-24T10:30:00+00:00' },
      ],
      fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const known = [
      'key',
      'kind',
      'action',
      'reason',
      'reversibility',
      'fields',
      'effects',
      'needs',
      'until',
      'expires_at',
    ];
    const ours = ['mode', 'moved_from', 'taken_by', 'due_at'];
    for (const change of document.changes)
      for (const name of Object.keys(change)) expect([...known, ...ours]).toContain(name);
    const counts: Record<string, number> = {};
    for (const { action } of document.changes) counts[action] = (counts[action] ?? 0) + 1;
    expect(document.summary).toEqual(counts);
    expect(document.changes).toContainEqual({
      key: 'node:stg_orders',
      kind: 'node',
      action: 'update',
      reason: 'fields_changed',
      reversibility: 'reversible',
      fields: [{ path: 'properties.team', before: 'data-eng', after: 'platform' }],
      expires_at: '9999-12-31T00:00:00+00:00',
    });
  });

  it('gives the same bytes for a file in another order', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    const first = JSON.parse((await plan('--format', 'json')).stdout);
    const lines = AFTER.split('\n');
    const from = lines.findIndex((line) => line.startsWith('    fct_orders'));
    const shuffled = [...lines.slice(0, from), ...lines.slice(from, from + 7).reverse(), ...lines.slice(from + 7)];
    await writeFile(join(place.path, 'mc-ingest.yaml'), shuffled.join('\n'));
    const second = JSON.parse((await plan('--format', 'json')).stdout);
    expect(JSON.stringify(second.changes)).toBe(JSON.stringify(first.changes));
    expect(second.fingerprint).toBe(first.fingerprint);
  });

  it('refuses with exit 7, the numbers and the flag that lets it pass, and still shows the plan', async () => {
    await applied(BEFORE, '2026-11-24T09:23:00Z');
    await writeFile(join(place.path, 'mc-ingest.yaml'), HEAD);
    const refused = await plan('--format', 'json');
    expect(refused.code).toBe(7);
    const { guards } = JSON.parse(refused.stdout);
    expect(guards.map(({ name }: { name: string }) => name)).toEqual(['mass-delete', 'empty']);
    expect(refused.stderr).toContain('refused[MCI352] mass-delete: 10 of 13 managed items (77 %)');
    expect(refused.stderr).toContain('--allow mass-delete --allow empty');
    expect((await plan('--allow', 'mass-delete')).code).toBe(7);
    expect((await plan('--allow', 'mass-delete', 'empty')).code).toBe(0);
  });

  it.each([
    ['a selection that matches nothing', ['--select', 'node:nope'], 64],
    ['a flag that is unknown', ['--nope'], 64],
    ['a configuration that is not there', ['--config', 'nope.yaml'], 65],
    ['a plan that cannot be saved', ['--out', 'no/such/folder/plan.json'], 1],
  ])('prints exactly one document with --format json on %s', async (_, args, exit) => {
    const { code, stdout } = await plan('--format', 'json', ...args);
    expect(code).toBe(exit);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'mc-ingest.problems/1', problems: [{ severity: 'error' }] });
  });

  it('says how to apply the part that was picked, and saves what was picked', async () => {
    const { stdout } = await plan('--select', 'node:fct_*', '--out', 'plan.json');
    expect(stdout).toMatch(/`mc-ingest apply --expect [0-9a-f]{8} --select 'node:fct_\*'` does exactly this/);
    expect(JSON.parse(await readFile(join(place.path, 'plan.json'), 'utf8'))).toMatchObject({
      selection: { select: ['node:fct_*'], exclude: [] },
    });
  });

  it('leaves no half-written plan behind, and replaces an older one whole', async () => {
    await writeFile(join(place.path, 'plan.json'), 'x'.repeat(100_000));
    expect((await plan('--out', 'plan.json')).code).toBe(0);
    expect(JSON.parse(await readFile(join(place.path, 'plan.json'), 'utf8')).format).toBe('mc-ingest.plan/1');
    expect((await cli(['plan', '--out', '/dev/null'], { cwd: place.path })).code).toBe(0);
  });
});
