import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Gateway, gateway, INVOCATION, type Reply, type Seen } from '../fakes/gateway.ts';
import { cli, folder } from '../support/cli.ts';

const UUID = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const TOKEN = 'ingest-token-value';

interface Row {
  readonly key: string;
  readonly status: string;
  readonly because?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly receipts: readonly { readonly invocation_id: string | null; readonly events: number }[];
}
interface Document {
  readonly format: string;
  readonly outcome?: string;
  readonly exit_code?: number;
  readonly changes?: readonly Row[];
  readonly problems?: readonly { readonly file: string; readonly line: number; readonly code: string }[];
}

const opened: { gate: Gateway; remove: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const { gate, remove } of opened.splice(0)) {
    await gate.close();
    await remove();
  }
});

/** A project with nothing but a name, a scripted gateway, and the built command line. */
async function setup(script: (request: Seen, index: number) => Reply = () => ({})) {
  const gate = await gateway(script);
  const place = await folder({ 'mc-ingest.yaml': 'version: 1\nproject: pushes\n' });
  opened.push({ gate, remove: place.remove });
  const env = { MCD_INGEST_ID: 'ingest-key-id', MCD_INGEST_TOKEN: TOKEN, MC_INGEST_ENDPOINT: gate.url };
  return {
    gate,
    path: place.path,
    put: (name: string, text: string) => writeFile(join(place.path, name), text),
    async push(...args: string[]) {
      const result = await cli(['push', ...args, '--format', 'json'], { cwd: place.path, env });
      expect(result.stdout + result.stderr).not.toContain(TOKEN);
      return { ...result, document: JSON.parse(result.stdout) as Document };
    },
  };
}

const table = (name: string, description = '') => ({
  relational_asset: { type: 'TABLE', metadata: { name, database: 'D', schema: 'S', description } },
});
const log = (id: string) => ({
  start_time: '2026-03-01T10:00:00Z',
  end_time: '2026-03-01T10:00:01Z',
  query_text: 'select 1',
  query_id: id,
});

interface Made {
  readonly flow?: string;
  readonly uuid?: string;
  readonly end?: object | null;
}

function manifest(collect: 'metadata' | 'query_logs', events: readonly object[], made: Made = {}): string {
  const { flow = 'f', uuid = UUID, end = { end: true, events: events.length, complete: true } } = made;
  const kind = collect === 'query_logs' ? { log_type: 'snowflake' } : { resource_type: 'snowflake' };
  const head = {
    manifest: 'mc-ingest/1',
    flow,
    collect,
    resource: { uuid, ...kind },
    started_at: '2026-03-01T00:00:00Z',
  };
  return [head, ...events, ...(end === null ? [] : [end])].map((part) => `${JSON.stringify(part)}\n`).join('');
}

describe('mc-ingest push', () => {
  it('prints a receipt a request as it comes, and all of them in the run document', async () => {
    const { put, push, gate } = await setup();
    const tables = Array.from({ length: 250 }, (_, at) => table(`T${at}`));
    await put('a.ndjson', manifest('metadata', tables));
    const { code, stderr, document } = await push('a.ndjson');
    expect(code).toBe(0);
    expect(document).toMatchObject({ format: 'mc-ingest.run/1', outcome: 'done', exit_code: 0 });
    expect(document.changes?.[0]?.receipts.map(({ events }) => events)).toEqual([100, 100, 50]);
    expect(stderr.split('\n').filter((line) => line.includes(INVOCATION))).toHaveLength(3);
    expect(gate.seen).toHaveLength(3);
  });

  it('sends nothing when one of several manifests is bad, and names every problem of all of them', async () => {
    const { put, push, gate } = await setup();
    await put('good.ndjson', manifest('metadata', [table('A')]));
    await put('bad.ndjson', manifest('query_logs', [{ ...log('q'), qurey_id: 'x' }, log('r')]));
    await put('half.ndjson', manifest('metadata', [table('A')], { end: null }));
    const { code, document } = await push('good.ndjson', 'bad.ndjson', 'half.ndjson', 'none.ndjson');
    expect(code).toBe(65);
    expect(document.problems?.map(({ file, line, code: found }) => [file, line, found])).toEqual([
      ['bad.ndjson', 2, 'MCI707'],
      ['half.ndjson', 2, 'MCI702'],
      ['none.ndjson', 1, 'MCI700'],
    ]);
    expect(gate.seen).toHaveLength(0);
  });

  it('pushes an unfinished manifest only when that is allowed by name', async () => {
    const { put, push, gate } = await setup();
    await put('half.ndjson', manifest('metadata', [table('A')], { end: null }));
    expect((await push('half.ndjson')).code).toBe(65);
    expect((await push('half.ndjson', '--allow', 'incomplete-manifest')).code).toBe(0);
    expect(gate.seen).toHaveLength(1);
  });

  it('names each event that is over the limit, sends all others, and ends with 3', async () => {
    const { put, push, gate } = await setup();
    const giant = (name: string) => table(name, 'x'.repeat(1_000_000));
    await put('a.ndjson', manifest('metadata', [table('A'), giant('G1'), table('B'), giant('G2'), table('C')]));
    const { code, stderr, document } = await push('a.ndjson');
    expect(code).toBe(3);
    expect(gate.seen.flatMap(({ text }) => JSON.parse(text).events)).toHaveLength(3);
    expect(document.changes).toMatchObject([{ status: 'failed', error: { code: 'MCI415' } }]);
    expect(document.changes?.[0]?.error?.message).toMatch(/D\.S\.G1.*and 1 more/);
    expect(stderr).toContain('D.S.G1');
    expect(stderr).toContain('D.S.G2');
  });

  it('stops after a 401: no other manifest is tried, and the message names key, resource and checkpoint', async () => {
    const { put, push, gate } = await setup(() => ({ status: 401 }));
    await put('a.ndjson', manifest('metadata', [table('A')], { flow: 'a' }));
    await put('b.ndjson', manifest('metadata', [table('B')], { flow: 'b', uuid: OTHER }));
    const { code, document } = await push('a.ndjson', 'b.ndjson');
    expect(code).toBe(4);
    expect(gate.seen).toHaveLength(1);
    const [first, second] = document.changes ?? [];
    for (const words of ['MCD_INGEST_ID', UUID, 'checkpoint 2', 'trace'])
      expect(first?.error?.message).toContain(words);
    expect(second).toMatchObject({ status: 'skipped', because: 'the key was refused' });
  });

  it('after a 403 goes on with the resources the key may push to', async () => {
    const { put, push, gate } = await setup(({ text }) => (text.includes(UUID) ? { status: 403 } : {}));
    await put('a.ndjson', manifest('metadata', [table('A')], { flow: 'a' }));
    await put('b.ndjson', manifest('metadata', [table('B')], { flow: 'b' }));
    await put('c.ndjson', manifest('metadata', [table('C')], { flow: 'c', uuid: OTHER }));
    const { code, document } = await push('a.ndjson', 'b.ndjson', 'c.ndjson');
    expect(document.changes?.map(({ status }) => status)).toEqual(['failed', 'skipped', 'done']);
    expect(document.changes?.[0]?.error?.message).toContain('checkpoint 3');
    expect([code, gate.seen.length]).toEqual([3, 2]);
  });

  it('throttled to the end is 5, and nothing is in doubt', async () => {
    const { put, push, gate } = await setup(() => ({ status: 429, headers: { 'retry-after': '0' } }));
    await put('a.ndjson', manifest('query_logs', [log('q')]));
    const { code, document } = await push('a.ndjson');
    expect([code, gate.seen.length]).toEqual([5, 5]);
    expect(document.changes).toMatchObject([{ status: 'failed', error: { code: 'MCI420' } }]);
  });

  it('a cut after sending leaves query logs in doubt and is 9: they are not sent again', async () => {
    const { put, push, gate } = await setup(() => ({ drop: 'after' }));
    await put('a.ndjson', manifest('query_logs', [log('q')]));
    const { code, document } = await push('a.ndjson');
    expect([code, gate.seen.length]).toEqual([9, 1]);
    expect(document).toMatchObject({ outcome: 'in_doubt', changes: [{ status: 'unknown', receipts: [] }] });
  });

  it('an answer without an id is a receipt without one', async () => {
    const { put, push } = await setup(() => ({ status: 202, body: '' }));
    await put('a.ndjson', manifest('metadata', [table('A')]));
    const { code, document } = await push('a.ndjson');
    expect(code).toBe(0);
    expect(document.changes?.[0]?.receipts).toMatchObject([{ invocation_id: null, events: 1 }]);
  });

  it('keeps in the state how large bodies may be, and begins there the next time', async () => {
    const { put, push, gate, path } = await setup();
    const tables = Array.from({ length: 300 }, (_, at) => table(`T${at}`));
    await put('a.ndjson', manifest('metadata', tables));
    await push('a.ndjson');
    const state = JSON.parse(readFileSync(join(path, '.mc-ingest', 'state.json'), 'utf8'));
    expect(state.learned[`${UUID}/metadata`]).toBeGreaterThan(100);
    gate.seen.length = 0;
    await push('a.ndjson');
    expect(JSON.parse(gate.seen[0]?.text ?? '').events.length).toBeGreaterThan(100);
  });

  it('sends a manifest that is named twice once, and one that was pushed before again', async () => {
    const { put, push, gate } = await setup();
    await put('a.ndjson', manifest('metadata', [table('A')]));
    expect((await push('a.ndjson', './a.ndjson')).document.changes).toHaveLength(1);
    expect(gate.seen).toHaveLength(1);
    await push('a.ndjson');
    expect(gate.seen).toHaveLength(2);
  });

  it('brings events into the form that is sent, whatever a digest in the last line says', async () => {
    const { put, push, gate } = await setup();
    const text = manifest('metadata', [
      { relational_asset: { ...table('A').relational_asset, tags: [], volume: null } },
    ]);
    await put('a.ndjson', text);
    expect((await push('a.ndjson')).code).toBe(0);
    expect(Object.keys(JSON.parse(gate.seen[0]?.text ?? '').events[0].relational_asset)).toEqual(['type', 'metadata']);
  });

  it('of a declared flow leaves the same behind as apply: the flow waits its hour', async () => {
    const { put, push, gate, path } = await setup(({ text }) => (text.includes('BAD') ? { status: 400 } : {}));
    const config = `version: 1
project: pushes
resources: { wh: { uuid: ${UUID}, resource_type: snowflake } }
sources: { tables: { type: file, resource: wh, path: none.ndjson } }
flows: { tables: { source: tables, collect: metadata, every: 1h } }
`;
    await put('mc-ingest.yaml', config);
    const planned = async (): Promise<string> => {
      const { stdout } = await cli(['plan', '--format', 'json'], { cwd: path });
      return JSON.parse(stdout).changes[0].action;
    };
    await put('bad.ndjson', manifest('metadata', [table('BAD')], { flow: 'tables' }));
    expect((await push('bad.ndjson')).code).toBe(1);
    await put('other.ndjson', manifest('metadata', [table('A')], { flow: 'tables', uuid: OTHER }));
    expect((await push('other.ndjson')).code).toBe(0);
    expect(await planned()).toBe('push');
    await put('good.ndjson', manifest('metadata', [table('A')], { flow: 'tables' }));
    expect((await push('good.ndjson')).code).toBe(0);
    expect(['wait', 'keep']).toContain(await planned());
    expect(gate.seen).toHaveLength(3);
  });
});
