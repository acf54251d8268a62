import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostRefused } from '../../src/sandbox/host.ts';
import { asset, type Client, metadata, queryLog, sandboxClient } from '../support/sandbox-data.ts';

let client: Client;
beforeEach(async () => {
  client = await sandboxClient();
});
afterEach(() => client.running.close());

function status(path: string, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${client.running.endpoint}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

describe('control endpoints', () => {
  it('show requests oldest first, with their bodies as JSON', async () => {
    await client.push('metadata', metadata(asset('first')), { 'x-mcd-trace-id': 'trace-1' });
    await client.push('metadata', metadata(asset('second')));
    expect(await client.get('requests')).toMatchObject([
      {
        endpoint: 'metadata',
        path: '/ingest/v1/metadata',
        http_status: 202,
        events: 1,
        trace_id: 'trace-1',
        body: metadata(asset('first')),
      },
      { body: metadata(asset('second')) },
    ]);
  });

  it('forget what came in on reset, and keep the keys', async () => {
    await client.push('metadata', metadata(asset('a')));
    await client.push('querylogs', queryLog('select 1', 3));
    await client.post('reset', {});
    for (const name of ['requests', 'assets', 'queries', 'rejected']) expect(await client.get(name)).toEqual([]);
    expect(await client.get('lineage')).toEqual({ nodes: [], edges: [], columns: [], vanished: [] });
    expect((await client.push('metadata', metadata(asset('a')))).status).toBe(202);
  });

  it('refuse what is no JSON, a wrong method and an unknown name', async () => {
    const { endpoint } = client.running;
    const post = (name: string, body: string) => fetch(`${endpoint}/_sandbox/${name}`, { method: 'POST', body });
    expect((await post('faults', '{')).status).toBe(400);
    expect((await post('keys', '{"scope":"Admin"}')).status).toBe(400);
    expect((await post('keys', '{"warehouses":["x"]}')).status).toBe(400);
    expect((await post('assets', '{}')).status).toBe(405);
    expect((await fetch(`${endpoint}/_sandbox/reset`)).status).toBe(405);
    for (const name of ['nothing', 'constructor', '__proto__'])
      expect((await fetch(`${endpoint}/_sandbox/${name}`)).status).toBe(404);
  });

  it('hold a bounded number of everything, however much comes in', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `select ${at} from t where note = '${'x'.repeat(5_000)}'`);
    for (let round = 0; round < 60; round += 1)
      await client.push('querylogs', {
        ...queryLog('', 1),
        events: texts.map((query_text) => ({ ...queryLog('', 1).events[0], query_text: `${query_text} ${round}` })),
      });
    const queries = await client.get<readonly { query_text: string }[]>('queries');
    expect(queries.length).toBeLessThanOrEqual(2_000);
    expect(Math.max(...queries.map(({ query_text }) => query_text.length))).toBeLessThan(2_100);
    expect(await client.get('overview')).toMatchObject({ totals: { queries: 2_400 } });
  });
});

describe('who may ask', () => {
  it('answers no other name than this machine’s, so that a site cannot rebind its own to it', async () => {
    expect(await status('/_sandbox/assets', { host: 'evil.example' })).toBe(403);
    expect(await status('/', { host: 'evil.example:80' })).toBe(403);
    expect(await status('/_sandbox/assets', { host: 'localhost:1' })).toBe(200);
    expect(await status('/', { host: '[::1]:1' })).toBe(200);
  });

  it('answers no page of another site', async () => {
    const { host } = new URL(client.running.endpoint);
    expect(await status('/_sandbox/reset', { origin: 'http://evil.example' }, 'POST')).toBe(403);
    expect(await status('/_sandbox/reset', { origin: 'null' }, 'POST')).toBe(403);
    expect(await status('/_sandbox/reset', { origin: `http://${host}` }, 'POST')).toBe(200);
  });

  it('answers the name it was told to listen on, and every name when it listens everywhere', () => {
    expect(hostRefused({ host: 'box.lan:8484' }, 'box.lan')).toBeNull();
    expect(hostRefused({ host: 'box.lan:8484' }, '127.0.0.1')).toContain('box.lan');
    expect(hostRefused({ host: 'box.lan:8484' }, '0.0.0.0')).toBeNull();
  });

  it('serves the page with a policy that allows nothing from elsewhere', async () => {
    const response = await fetch(client.running.page);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).not.toMatch(/<script>|onclick=|https?:\/\//);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g))
      expect(await status(path ?? '', {})).toBe(200);
    expect(await status('/page/../server.ts', {})).toBe(404);
  });
});
