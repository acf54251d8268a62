import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  asset,
  type Client,
  lineage,
  metadata,
  queryLog,
  RESOURCE,
  ref,
  sandboxClient,
} from '../support/sandbox-data.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const OTHER = '22222222-2222-4222-8222-222222222222';

interface Rejected {
  readonly reason: string;
  readonly checkpoint: number;
  readonly http_status: number;
  readonly invocation_id: string | null;
}

let client: Client;
beforeEach(async () => {
  client = await sandboxClient();
});
afterEach(() => client.running.close());

const rejected = () => client.get<readonly Rejected[]>('rejected');
const keyOf = ({ id, token }: { id: string; token: string }) => ({ 'x-mcd-id': id, 'x-mcd-token': token });

describe('keys', () => {
  it('answers 202 with a random invocation id, another one each time', async () => {
    const ids = new Set<string>();
    for (const _ of [1, 2, 3]) {
      const response = await client.push('metadata', metadata(asset('orders')));
      expect(response.status).toBe(202);
      const body = (await response.json()) as { invocation_id: string };
      expect(Object.keys(body)).toEqual(['invocation_id']);
      expect(body.invocation_id).toMatch(UUID);
      ids.add(body.invocation_id);
    }
    expect(ids.size).toBe(3);
  });

  it('refuses no key and an unknown key with 401, at checkpoint 1', async () => {
    const without = await client.push('metadata', metadata(asset('a')), { 'x-mcd-token': '' });
    const unknown = await client.push('metadata', metadata(asset('a')), { 'x-mcd-id': 'nobody-knows-me' });
    expect([without.status, unknown.status]).toEqual([401, 401]);
    expect((await rejected()).map(({ checkpoint }) => checkpoint)).toEqual([1, 1]);
    expect(await client.get('assets')).toEqual([]);
  });

  it('refuses a key of the other scope with 403 on both endpoints, at checkpoint 2', async () => {
    const { env, graphql_endpoint } = client.running;
    const api = { 'x-mcd-id': env['MCD_ID'] ?? '', 'x-mcd-token': env['MCD_TOKEN'] ?? '' };
    const ingestion = { 'x-mcd-id': env['MCD_INGEST_ID'] ?? '', 'x-mcd-token': env['MCD_INGEST_TOKEN'] ?? '' };
    expect((await client.push('metadata', metadata(asset('a')), api)).status).toBe(403);
    const body = JSON.stringify({ query: '{ getUser { email } }' });
    expect((await fetch(graphql_endpoint, { method: 'POST', headers: ingestion, body })).status).toBe(403);
    expect((await rejected()).map(({ checkpoint }) => checkpoint)).toEqual([2, 2]);
  });

  it('refuses a resource that a restricted key does not have, also when every asset names its own', async () => {
    const key = keyOf(
      await client.post('keys', { id: 'restricted', scope: 'Ingestion', warehouses: [RESOURCE.toUpperCase()] }),
    );
    expect((await client.push('metadata', metadata(asset('a')), key)).status).toBe(202);
    const foreign = { ...metadata(asset('b')), resource: { uuid: OTHER, resource_type: 'snowflake' } };
    expect((await client.push('metadata', foreign, key)).status).toBe(403);
    const own = { resource_uuid: RESOURCE, resource_type: 'snowflake' };
    const crossed = {
      event_type: 'LINEAGE',
      events: [{ destination: ref('a', own), sources: [ref('b', { ...own, resource_uuid: OTHER })] }],
    };
    expect((await client.push('lineage', crossed, key)).status).toBe(403);
    expect((await rejected()).map(({ checkpoint }) => checkpoint)).toEqual([3, 3]);
  });

  it('makes keys by createIntegrationKey that work at once, restricted as asked, and deletes them', async () => {
    const made = await client.graphql(
      'mutation($ids: [UUID]) { createIntegrationKey(description: "ci", scope: Ingestion, warehouseIds: $ids) { key { id secret } } }',
      { ids: [RESOURCE] },
    );
    const created = made.data?.['createIntegrationKey'] as { key: { id: string; secret: string } } | undefined;
    const headers = keyOf({ id: created?.key.id ?? '', token: created?.key.secret ?? '' });
    expect((await client.push('metadata', metadata(asset('a')), headers)).status).toBe(202);
    const foreign = { ...metadata(asset('b')), resource: { uuid: OTHER, resource_type: 'snowflake' } };
    expect((await client.push('metadata', foreign, headers)).status).toBe(403);
    await client.graphql('mutation($id: String!) { deleteIntegrationKey(keyId: $id) { deleted } }', {
      id: created?.key.id,
    });
    expect((await client.push('metadata', metadata(asset('a')), headers)).status).toBe(401);
  });

  it('shows no token at any control endpoint', async () => {
    const { token } = await client.post<{ token: string }>('keys', { id: 'seen-once', scope: 'API' });
    await client.push('metadata', metadata(asset('a')));
    const { env } = client.running;
    for (const name of ['requests', 'assets', 'lineage', 'queries', 'rejected', 'keys', 'clock', 'overview']) {
      const text = JSON.stringify(await client.get(name));
      for (const secret of [token, env['MCD_INGEST_TOKEN'], env['MCD_TOKEN']]) expect(text).not.toContain(secret);
    }
  });
});

describe('limits', () => {
  const padded = (bytes: number) => {
    const body = JSON.stringify(metadata(asset('a', { pad: '' })));
    return body.replace('"pad":""', `"pad":"${'x'.repeat(bytes - body.length)}"`);
  };

  it('takes 1,000,000 bytes as sent and refuses one more with 413', async () => {
    expect((await client.push('metadata', padded(1_000_000))).status).toBe(202);
    expect((await client.push('metadata', padded(1_000_001))).status).toBe(413);
  });

  it('answers 413 to a body of many times the limit, instead of cutting the connection', async () => {
    expect((await client.push('metadata', padded(8_000_000))).status).toBe(413);
    expect(await client.get('assets')).toEqual([]);
  });

  it('counts a gzip body by its compressed size', async () => {
    const body = gzipSync(padded(3_000_000));
    expect(body.length).toBeLessThan(1_000_000);
    expect((await client.push('metadata', body, { 'content-encoding': 'gzip' })).status).toBe(202);
    const [request] = await client.get<readonly { bytes: number }[]>('requests');
    expect(request?.bytes).toBe(body.length);
  });

  it('stops at a decompression bomb, and refuses what is not the encoding it says', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 32));
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await client.push('metadata', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    const plain = JSON.stringify(metadata(asset('a')));
    expect((await client.push('metadata', plain, { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await client.push('metadata', plain, { 'content-encoding': 'br' })).status).toBe(415);
  });

  it('takes at most 100 events a call for jobs and BI assets', async () => {
    const job = { etl_asset: { job_source_id: 'dag', name: 'Daily' } };
    const resource = { uuid: RESOURCE, resource_type: 'airflow' };
    const jobs = (times: number) => ({
      event_type: 'ETL_METADATA',
      resource,
      events: Array.from({ length: times }, () => job),
    });
    expect((await client.push('etl/metadata', jobs(100))).status).toBe(202);
    expect((await client.push('etl/metadata', jobs(101))).status).toBe(400);
  });
});

describe('bodies', () => {
  const good = metadata(asset('a'));
  const event = (more: Readonly<Record<string, unknown>>) => metadata(asset('a', more));
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['no JSON', 'metadata', '{'],
    ['a list', 'metadata', []],
    ['no events', 'metadata', { ...good, events: [] }],
    ['events that are no list', 'metadata', { ...good, events: {} }],
    ['an event type of another endpoint', 'metadata', { ...good, event_type: 'LINEAGE' }],
    ['the documentation’s RELATIONAL_ASSET', 'metadata', { ...good, event_type: 'RELATIONAL_ASSET' }],
    ['a flat event', 'metadata', metadata(asset('a').relational_asset)],
    ['no resource', 'metadata', { event_type: 'METADATA', events: good.events }],
    ['a resource without a type', 'metadata', { ...good, resource: { uuid: RESOURCE } }],
    ['a resource that is no UUID', 'metadata', { ...good, resource: { uuid: 'wh', resource_type: 'snowflake' } }],
    ['a warehouse’s own type', 'metadata', event({ type: 'BASE TABLE' })],
    ['a type in lower case', 'metadata', event({ type: 'table' })],
    ['no table name', 'metadata', event({ metadata: { name: '', database: 'd', schema: 's' } })],
    ['a column without a type', 'metadata', event({ fields: [{ name: 'id' }] })],
    ['a count that is text', 'metadata', event({ volume: { row_count: '12345678901234567890' } })],
    ['half a row', 'metadata', event({ volume: { row_count: 1.5 } })],
    ['a freshness that is no time', 'metadata', event({ freshness: { last_update_time: 'yesterday' } })],
    [
      'a query log with resource_type',
      'querylogs',
      { ...queryLog('select 1', 1), resource: { uuid: RESOURCE, resource_type: 'snowflake' } },
    ],
    [
      'a query log without a text',
      'querylogs',
      { ...queryLog('x', 1), events: [{ start_time: '2026-03-01T10:00:00Z', end_time: '2026-03-01T10:00:00Z' }] },
    ],
    ['lineage without sources', 'lineage', lineage({ destination: ref('a') })],
    ['the documentation’s single source', 'lineage', lineage({ destination: ref('a'), source: ref('b') })],
    [
      'a source field that points nowhere',
      'lineage',
      lineage({
        destination: ref('a'),
        sources: [ref('b')],
        fields: [{ name: 'x', source_fields: [{ asset_id: 'q', field_name: 'y' }] }],
      }),
    ],
    [
      'cross-warehouse lineage where an asset names no resource',
      'lineage',
      { event_type: 'LINEAGE', events: [{ destination: ref('a'), sources: [ref('b')] }] },
    ],
    [
      'a run without its time',
      'etl/runs',
      {
        event_type: 'ETLRUN',
        resource: { uuid: RESOURCE, resource_type: 'airflow' },
        events: [{ job_source_id: 'd', run_source_id: 'r', status: 'success' }],
      },
    ],
    [
      'a BI asset without its type',
      'bi/metadata',
      {
        event_type: 'BI_METADATA',
        resource: { uuid: RESOURCE, resource_type: 'custom-bi-connector' },
        events: [{ asset_source_id: 'd', name: 'Sales' }],
      },
    ],
  ];
  for (const [what, path, body] of cases)
    it(`refuses ${what} with 400, and keeps nothing of it`, async () => {
      const response = await client.push(path, body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { message: string }).message).not.toBe('');
      expect(await client.get('assets')).toEqual([]);
      expect((await rejected())[0]).toMatchObject({ http_status: 400, invocation_id: null, checkpoint: 1 });
    });

  it('refuses bytes that are no UTF-8', async () => {
    expect((await client.push('metadata', Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  it('takes POST alone, and knows no other path', async () => {
    const { endpoint } = client.running;
    expect((await fetch(`${endpoint}/ingest/v1/metadata`)).status).toBe(405);
    expect((await fetch(`${endpoint}/ingest/v1/tables`, { method: 'POST' })).status).toBe(404);
  });
});

describe('after the 202', () => {
  it('refuses a wrong log_type in the normalizer, at checkpoint 4, with the id that was given out', async () => {
    const response = await client.push('querylogs', queryLog('select 1', 2, 'hive'));
    expect(response.status).toBe(202);
    const { invocation_id } = (await response.json()) as { invocation_id: string };
    expect(await rejected()).toMatchObject([
      { checkpoint: 4, http_status: 202, invocation_id, reason: 'Unsupported ingest query-log log_type: hive' },
    ]);
    expect(await client.get('queries')).toEqual([]);
    expect((await client.push('querylogs', queryLog('select 1', 2, 'hive-s3'))).status).toBe(202);
    expect(await client.get('queries')).toHaveLength(2);
  });
});
