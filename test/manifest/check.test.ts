import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkManifest } from '../../src/manifest/check.ts';
import { headProblems } from '../../src/manifest/check-head.ts';
import { normaliser } from '../../src/manifest/normalise.ts';
import { openManifest } from '../../src/manifest/read.ts';
import type { Head } from '../../src/manifest/write.ts';

const UUID = '11111111-1111-4111-8111-111111111111';
const head = (collect: string, more: object = {}) => ({
  flow: 'f',
  collect,
  resource:
    collect === 'query_logs' ? { uuid: UUID, log_type: 'snowflake' } : { uuid: UUID, resource_type: 'snowflake' },
  started_at: '2026-03-01T00:00:00Z',
  ...more,
});
const LOG = { start_time: '2026-03-01T10:00:00Z', end_time: '2026-03-01T10:00:01Z', query_text: 'select 1' };
const TABLE = { type: 'TABLE', metadata: { name: 'T', database: 'D', schema: 'S' } };
const END = (events: number, more: object = {}) => ({ end: true, events, complete: true, ...more });

let dir: string;
let count = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'check-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function file(parts: readonly (object | string | Buffer)[]): Promise<string> {
  count += 1;
  const path = join(dir, `${count}.ndjson`);
  const lines = parts.map((part) =>
    Buffer.isBuffer(part) ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)),
  );
  await writeFile(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
  return path;
}

const first = (values: object) => ({ manifest: 'mc-ingest/1', ...values });
async function found(parts: readonly (object | string | Buffer)[], allow: string[] = []) {
  const { problems } = await checkManifest(await file(parts), { shown: 'm', allow });
  return problems.map(({ code, line, path, severity, fix }) => ({ code, line, path, severity, fix }));
}

describe('the check of a manifest', () => {
  it('names every bad line at once, by its number in the file, empty lines counted', async () => {
    const bad = { ...LOG, querytext: 'x' };
    const problems = await found([first(head('query_logs')), LOG, '', '\r', bad, LOG, '{"broken', END(4)]);
    expect(problems).toMatchObject([
      { code: 'MCI707', line: 5, path: 'querytext', fix: 'did you mean query_text?' },
      { code: 'MCI706', line: 7 },
    ]);
  });

  it('refuses a misspelt freshness, deep inside, and says what was meant', async () => {
    const asset = { ...TABLE, freshness: { last_updated_time: '2026-03-01T10:00:00Z' } };
    const [problem] = await found([first(head('metadata')), { relational_asset: asset }, END(1)]);
    expect(problem).toMatchObject({
      code: 'MCI707',
      severity: 'error',
      path: 'relational_asset.freshness.last_updated_time',
      fix: 'did you mean last_update_time?',
    });
  });

  it('refuses times that no calendar has, and warns once of times without a zone', async () => {
    const logs = [
      { ...LOG, start_time: '2026-02-30T10:00:00Z' },
      { ...LOG, start_time: '2026-03-01T10:00:00' },
      { ...LOG, end_time: '2026-03-01T10:00:00' },
    ];
    expect(await found([first(head('query_logs')), ...logs, END(3)])).toMatchObject([
      { code: 'MCI707', line: 2, path: 'start_time', severity: 'error' },
      { code: 'MCI712', line: 3, path: 'start_time', severity: 'warning' },
    ]);
  });

  it('refuses bytes that are not UTF-8, which the gateway would', async () => {
    const line = Buffer.concat([Buffer.from('{"query_text":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
    expect(await found([first(head('query_logs')), line, END(1)])).toMatchObject([{ code: 'MCI706', line: 2 }]);
  });

  it('refuses nesting that cannot be rewritten, and does not fall over it', async () => {
    const deep = `{"extra":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}},"user":null,${JSON.stringify(LOG).slice(1)}`;
    expect(await found([first(head('query_logs')), deep, END(1)])).toMatchObject([{ code: 'MCI706', line: 2 }]);
  });

  it('refuses two manifests in one file', async () => {
    const one = [first(head('query_logs')), LOG, END(1)];
    expect((await found([...one, ...one])).map(({ line }) => line)).toEqual(expect.arrayContaining([3, 4]));
  });

  it('warns of lineage whose assets name no resource when the first line names none', async () => {
    const end = { type: 'TABLE', name: 'A', database: 'B', schema: 'C' };
    const { resource: _, ...bare } = head('table_lineage');
    const own = { ...end, resource_uuid: UUID, resource_type: 'snowflake' };
    expect(await found([first(bare), { destination: own, sources: [own] }, END(1)])).toEqual([]);
    expect(await found([first(bare), { destination: own, sources: [end] }, END(1)])).toMatchObject([
      { code: 'MCI713', severity: 'warning' },
    ]);
  });

  it.each([
    [END(2), 'says 2'],
    [{ end: true, complete: true }, 'how many'],
    [END(1, { sha256: 'ab'.repeat(32) }), 'sha256'],
  ])('refuses a last line that does not fit', async (end, words) => {
    const { problems } = await checkManifest(await file([first(head('query_logs')), LOG, end]), {
      shown: 'm',
      allow: [],
    });
    expect(problems).toMatchObject([{ code: 'MCI703' }]);
    expect(problems[0]?.message).toContain(words);
  });

  it('sees whether the lines can go as they stand, an event inside an event not being asked', async () => {
    const check = async (log: object) =>
      (await checkManifest(await file([first(head('query_logs')), log, END(1)]), { shown: 'm', allow: [] })).sentForm;
    expect(await check({ ...LOG, extra: { start_time: null, end_time: 'x' } })).toBe(true);
    expect(await check({ ...LOG, user: null })).toBe(false);
    expect(await check({ ...LOG, start_time: '2026-03-01T10:00:00+01:00' })).toBe(false);
  });

  it('takes a digest that fits as proof of each line only where this tool wrote the file', async () => {
    const lines = '{"no":"log"}\n';
    const sha256 = createHash('sha256').update(lines).digest('hex');
    const codes = async (written: 'here' | 'elsewhere', digest: object) => {
      const path = await file([first(head('query_logs')), lines.trim(), END(1, digest)]);
      return (await checkManifest(path, { shown: 'm', allow: [], written })).problems.map(({ code }) => code);
    };
    expect(await codes('here', { sha256 })).toEqual([]);
    expect(await codes('elsewhere', { sha256 })).toContain('MCI707');
    expect(await codes('here', {})).toContain('MCI707');
    expect(await codes('here', { sha256: sha256.replaceAll(/[0-9]/g, '0') })).toEqual(['MCI703']);
  });

  it('a file that changed since is not read again', async () => {
    const path = await file([first(head('query_logs')), LOG, END(1)]);
    const { stats } = await checkManifest(path, { shown: 'm', allow: [] });
    expect((await openManifest(path, stats ?? undefined)).head.flow).toBe('f');
    await utimes(path, new Date(), new Date(0));
    await expect(openManifest(path, stats ?? undefined)).rejects.toMatchObject({ code: 'MCI705' });
  });
});

describe('the first line', () => {
  const codes = (values: object) =>
    headProblems(values as Head, 'm').map(({ code, path, severity, fix }) => [code, path, severity, fix]);

  it.each(['metadata', 'table_lineage', 'query_logs', 'etl', 'etl_runs', 'bi'])(
    'of %s is fine when whole',
    (collect) => {
      expect(codes(head(collect))).toEqual([]);
    },
  );

  it('refuses a slip of the pen, and lets members of later versions pass with a warning', () => {
    expect(codes({ ...head('table_lineage'), event_tpye: 'LINEAGE', shard: 3 })).toEqual([
      ['MCI714', 'event_tpye', 'error', 'did you mean event_type?'],
      ['MCI714', 'shard', 'warning', 'it is left out'],
    ]);
    expect(codes(head('metadata', { resource: { uuid: UUID, resource_typ: 'x', resource_type: 'x' } }))).toMatchObject([
      ['MCI714', 'resource.resource_typ', 'error', 'did you mean resource_type?'],
    ]);
  });

  it.each([
    ['metadata', { resource: { uuid: '', resource_type: 'snowflake' } }, 'resource.uuid'],
    ['metadata', { resource: { uuid: 7, resource_type: 'snowflake' } }, 'resource.uuid'],
    ['table_lineage', { resource: { uuid: '', resource_type: 'snowflake' } }, 'resource.uuid'],
    ['table_lineage', { resource: 'snowflake' }, 'resource'],
    ['metadata', { resource: { uuid: UUID } }, 'resource.resource_type'],
    ['query_logs', { resource: { uuid: UUID, resource_type: 'snowflake' } }, 'resource.log_type'],
    ['query_logs', { resource: { uuid: UUID, log_type: 'Hive' } }, 'resource.log_type'],
    ['metadata', { event_type: 'LINEAGE' }, 'event_type'],
    ['column_lineage', { event_type: 'column_lineage' }, 'event_type'],
    ['metadata', { event_time: '2026-03-01T00:00:00Z' }, 'event_time'],
  ])('of %s with %j is refused', (collect, more, path) => {
    expect(codes(head(collect, more))).toMatchObject([
      [expect.stringMatching(/^MCI7/), path, 'error', expect.anything()],
    ]);
  });

  it('takes a null for an absent member', async () => {
    const path = await file([
      first({ ...head('table_lineage'), resource: { uuid: null, resource_type: null }, event_type: null }),
    ]);
    const { head: read } = await openManifest(path);
    expect(read).toMatchObject({ flow: 'f', resource: {} });
    expect('event_type' in read).toBe(false);
  });
});

describe('the form that is sent', () => {
  it('has no empty lists of ids in jobs and runs, and keeps what is inside the vendor’s members', () => {
    const job = {
      job_source_id: 'j',
      name: 'n',
      schedule: { kind: 'cron', upstream_job_source_ids: [], raw: { tasks: [], x: null } },
      owner: { notification_emails: [] },
      tasks: [{ task_source_id: 't', name: 'n', upstream_task_source_ids: [], triggered_job_source_ids: [] }],
      triggered_job_source_ids: [],
      attributes: { inputs: [] },
    };
    expect(JSON.parse(normaliser('etl')(JSON.stringify({ etl_asset: job })))).toEqual({
      etl_asset: {
        job_source_id: 'j',
        name: 'n',
        schedule: { kind: 'cron', raw: { tasks: [], x: null } },
        owner: {},
        tasks: [{ task_source_id: 't', name: 'n' }],
        attributes: { inputs: [] },
      },
    });
    const run = { error: { message: 'm', upstream_failed_task_source_ids: [] }, task_runs: [{ inputs: [] }] };
    expect(normaliser('etl_runs')(JSON.stringify(run))).toBe('{"error":{"message":"m"},"task_runs":[{}]}');
  });

  it('is looked for in the event itself, not in what looks like one inside it', () => {
    const log = { ...LOG, start_time: '2026-03-01T10:00:00+01:00', extra: LOG };
    expect(JSON.parse(normaliser('query_logs')(JSON.stringify(log)))).toEqual({
      ...log,
      start_time: '2026-03-01T09:00:00Z',
    });
  });
});
