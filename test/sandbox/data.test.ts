import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ended, startCli } from '../support/cli.ts';
import { asset, columnLineage, fill, metadata, sandboxClient } from '../support/sandbox-data.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mc-ingest-sandbox-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const NAMES = ['assets', 'lineage', 'queries', 'rejected', 'requests'];
const file = () => join(dir, 'sandbox.ndjson');

describe('--data', () => {
  it('gives back everything that had arrived, with its times and ids, and how far the clock was', async () => {
    const first = await sandboxClient({ data: dir });
    await fill(first, 20);
    await first.post('clock', { advance: '8d' });
    const before = await Promise.all(NAMES.map((name) => first.get(name)));
    const { offset_ms } = await first.get<{ offset_ms: number }>('clock');
    await first.running.close();
    const second = await sandboxClient({ data: dir });
    expect(await Promise.all(NAMES.map((name) => second.get(name)))).toEqual(before);
    expect(await second.get('clock')).toMatchObject({ offset_ms });
    await second.running.close();
  });

  it('keeps keys working across a restart, but no token', async () => {
    const first = await sandboxClient({ data: dir });
    const key = await first.post<{ id: string; token: string }>('keys', { id: 'kept-key', scope: 'Ingestion' });
    const { env } = first.running;
    await first.running.close();
    const text = await readFile(file(), 'utf8');
    for (const token of [key.token, env['MCD_INGEST_TOKEN'], env['MCD_TOKEN']]) expect(text).not.toContain(token);
    const second = await sandboxClient({ data: dir });
    const old = { 'x-mcd-id': env['MCD_INGEST_ID'] ?? '', 'x-mcd-token': env['MCD_INGEST_TOKEN'] ?? '' };
    for (const headers of [old, { 'x-mcd-id': key.id, 'x-mcd-token': key.token }])
      expect((await second.push('metadata', metadata(asset('a')), headers)).status).toBe(202);
    await second.running.close();
  });

  it('passes over a last line that was cut off, and goes on after it', async () => {
    const first = await sandboxClient({ data: dir });
    await first.push('metadata', metadata(asset('whole')));
    await first.running.close();
    await appendFile(file(), '{"kind":"request","at":"2026-');
    const second = await sandboxClient({ data: dir });
    await second.push('metadata', metadata(asset('after')));
    await second.running.close();
    const third = await sandboxClient({ data: dir });
    expect(await third.get('assets')).toMatchObject([{ name: 'whole' }, { name: 'after' }]);
    await third.running.close();
  });

  it('is a file for its owner alone, and a reset empties it', async () => {
    const first = await sandboxClient({ data: dir });
    await first.push('metadata', metadata(asset('a')));
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    await first.post('reset', {});
    expect(await first.get('assets')).toEqual([]);
    await first.running.close();
    const second = await sandboxClient({ data: dir });
    expect(await second.get('assets')).toEqual([]);
    expect(await second.get('requests')).toEqual([]);
    await second.running.close();
  });

  it('says MCI902 of a folder that is none', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(sandboxClient({ data: join(dir, 'file') })).rejects.toMatchObject({ code: 'MCI902' });
  });

  it('brings back column lineage with its own end of life', async () => {
    const first = await sandboxClient({ data: dir });
    await first.push('metadata', metadata(asset('a'), asset('b')));
    await first.push('lineage', columnLineage('b', 'a', { id: 'id' }));
    await first.running.close();
    const second = await sandboxClient({ data: dir });
    await second.post('clock', { advance: '241h' });
    expect(await second.get('lineage')).toMatchObject({ columns: [], vanished: [{ what: 'column' }] });
    await second.running.close();
  });
});

describe('mc-ingest sandbox', () => {
  const firstLine = (child: ReturnType<typeof startCli>) =>
    new Promise<string>((resolve) => {
      let text = '';
      child.stdout?.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      });
    });
  const start = async (args: readonly string[]) => {
    const child = startCli(['sandbox', ...args], { cwd: dir });
    const closed = ended(child);
    const line = JSON.parse(await firstLine(child)) as {
      endpoint: string;
      graphql_endpoint: string;
      page: string;
      env: Record<string, string>;
    };
    return { child, closed, line };
  };

  it('prints where it is on its first line, and ends with 0 on SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, closed, line } = await start([]);
      expect(Object.keys(line)).toEqual(['endpoint', 'graphql_endpoint', 'page', 'env']);
      expect(line.graphql_endpoint).toBe(`${line.endpoint}/graphql`);
      expect(Object.keys(line.env).sort()).toEqual([
        'MCD_ID',
        'MCD_INGEST_ID',
        'MCD_INGEST_TOKEN',
        'MCD_RESOURCE_UUID',
        'MCD_TOKEN',
        'MC_INGEST_ENDPOINT',
        'MC_INGEST_GRAPHQL_ENDPOINT',
      ]);
      expect((await fetch(line.page)).status).toBe(200);
      child.kill(signal);
      const { code, stdout, stderr } = await closed;
      expect([code, stdout.trim().split('\n').length, stderr]).toEqual([0, 1, '']);
    }
  });

  it('loses nothing that it had answered when it is killed', async () => {
    const { child, closed, line } = await start(['--data', 'kept']);
    const headers = { 'x-mcd-id': line.env['MCD_INGEST_ID'] ?? '', 'x-mcd-token': line.env['MCD_INGEST_TOKEN'] ?? '' };
    const ids: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const response = await fetch(`${line.endpoint}/ingest/v1/metadata`, {
        method: 'POST',
        headers,
        body: JSON.stringify(metadata(asset(`t${at}`))),
      });
      ids.push(((await response.json()) as { invocation_id: string }).invocation_id);
    }
    child.kill('SIGKILL');
    await closed;
    const again = await start(['--data', 'kept']);
    const requests = (await (await fetch(`${again.line.endpoint}/_sandbox/requests`)).json()) as {
      invocation_id: string;
    }[];
    expect(requests.map(({ invocation_id }) => invocation_id)).toEqual(ids);
    expect(await (await fetch(`${again.line.endpoint}/_sandbox/assets`)).json()).toHaveLength(20);
    again.child.kill('SIGTERM');
    await again.closed;
  });

  it('refuses a port that is taken and a port that is none', async () => {
    const { child, closed, line } = await start([]);
    const taken = await ended(startCli(['sandbox', '--port', new URL(line.endpoint).port], { cwd: dir }));
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('MCI901')]);
    const none = await ended(startCli(['sandbox', '--port', '70000'], { cwd: dir }));
    expect(none.code).toBe(64);
    child.kill('SIGTERM');
    await closed;
  });
});
