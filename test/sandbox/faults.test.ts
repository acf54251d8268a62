import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asset, type Client, metadata, queryLog, sandboxClient } from '../support/sandbox-data.ts';

let client: Client;
beforeEach(async () => {
  client = await sandboxClient();
});
afterEach(() => client.running.close());

const push = () => client.push('metadata', metadata(asset('orders')));
const assets = () => client.get<readonly unknown[]>('assets');

describe('faults', () => {
  it('answer with a status, headers and a body, as often as asked, and then no more', async () => {
    await client.post('faults', [
      { on: 'metadata', times: 2, status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow down' } },
    ]);
    for (const _ of [1, 2]) {
      const response = await push();
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('7');
      expect(await response.json()).toEqual({ message: 'slow down' });
    }
    expect(await assets()).toEqual([]);
    expect((await push()).status).toBe(202);
  });

  it('cut before anything is kept, or after it was', async () => {
    await client.post('faults', [{ on: 'metadata', drop: 'before' }]);
    await expect(push()).rejects.toThrow();
    expect(await assets()).toEqual([]);
    await client.post('faults', [{ on: 'metadata', drop: 'after' }]);
    await expect(push()).rejects.toThrow();
    expect(await assets()).toHaveLength(1);
    const requests =
      await client.get<readonly { http_status: number | null; invocation_id: string | null }[]>('requests');
    expect(requests.map(({ http_status, invocation_id }) => [http_status, invocation_id === null])).toEqual([
      [null, true],
      [null, false],
    ]);
  });

  it('delay an answer', async () => {
    await client.post('faults', [{ on: 'any', delay_ms: 150 }]);
    const started = performance.now();
    expect((await push()).status).toBe(202);
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  it('take what they answer with success, such as an empty 202', async () => {
    await client.post('faults', [{ on: 'metadata', status: 202, body: '' }]);
    const response = await push();
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(await assets()).toHaveLength(1);
  });

  it('happen only where they are asked for', async () => {
    await client.post('faults', [
      { on: 'graphql', status: 503 },
      { on: 'querylogs', status: 500 },
    ]);
    expect((await push()).status).toBe(202);
    await expect(client.graphql('{ getUser { email } }')).rejects.toThrow('503');
    expect((await client.push('querylogs', queryLog('select 1', 1))).status).toBe(500);
  });

  it('are replaced by the next list, and refused when they are none', async () => {
    await client.post('faults', [{ on: 'any', times: 9, status: 500 }]);
    await client.post('faults', []);
    expect((await push()).status).toBe(202);
    for (const bad of [
      {},
      [{ on: 'everything' }],
      [{ on: 'any', times: 0 }],
      [{ on: 'any', status: 99 }],
      [{ on: 'any', drop: 'maybe' }],
      [{ on: 'any', headers: { 'bad header': 'x' } }],
      [{ on: 'any', headers: { a: 'x\r\ny' } }],
    ])
      await expect(client.post('faults', bad)).rejects.toThrow('400');
  });
});

describe('x-mcd-idempotent-id', () => {
  it('is answered with REQUEST_IN_PROGRESS while the first call runs', async () => {
    await client.post('faults', [{ on: 'graphql', delay_ms: 300 }]);
    const { env, graphql_endpoint } = client.running;
    const headers = {
      'x-mcd-id': env['MCD_ID'] ?? '',
      'x-mcd-token': env['MCD_TOKEN'] ?? '',
      'x-mcd-idempotent-id': 'one',
    };
    const call = async () =>
      (
        await fetch(graphql_endpoint, {
          method: 'POST',
          headers,
          body: JSON.stringify({ query: '{ getUser { email } }' }),
        })
      ).json();
    const first = call();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await call()).toMatchObject({ errors: [{ extensions: { code: 'REQUEST_IN_PROGRESS' } }] });
    expect(await first).toMatchObject({ data: { getUser: { email: 'sandbox@localhost' } } });
    expect(await call()).toMatchObject({ data: { getUser: {} } });
  });
});
