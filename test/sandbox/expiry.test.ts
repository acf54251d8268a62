import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  asset,
  type Client,
  columnLineage,
  lineage,
  metadata,
  RESOURCE,
  ref,
  sandboxClient,
  UPSERT_EDGE,
  UPSERT_NODE,
} from '../support/sandbox-data.ts';

interface Lineage {
  readonly nodes: readonly { object_id: string }[];
  readonly edges: readonly { custom: boolean }[];
  readonly columns: readonly unknown[];
  readonly vanished: readonly { what: string; label: string }[];
}
interface Moved {
  readonly now: string;
  readonly vanished: readonly { what: string; label: string; expired_at: string }[];
}

let client: Client;
beforeEach(async () => {
  client = await sandboxClient();
});
afterEach(() => client.running.close());

const node = (objectId: string, more: Readonly<Record<string, unknown>> = {}) =>
  client.graphql(UPSERT_NODE, { objectType: 'job', objectId, resourceId: RESOURCE, ...more });
const end = (objectId: string) => ({ objectType: 'job', objectId, resourceId: RESOURCE });
const edge = (from: string, to: string, more: Readonly<Record<string, unknown>> = {}) =>
  client.graphql(UPSERT_EDGE, { source: end(from), destination: end(to), ...more });
const advance = (by: string) => client.post<Moved>('clock', { advance: by });
const now = () => client.get<Lineage>('lineage');
const ids = async () => (await now()).nodes.map(({ object_id }) => object_id).sort();

describe('how long things live', () => {
  it('lets a custom node go after 7 days without expireAt, with its edges, and says so', async () => {
    await node('week');
    await node('other', { expireAt: '9999-12-31T00:00:00+00:00' });
    await edge('week', 'other', { expireAt: '9999-12-31T00:00:00+00:00' });
    expect((await advance('167h')).vanished).toEqual([]);
    const { vanished } = await advance('2h');
    expect(vanished.map(({ what, label }) => `${what} ${label}`)).toEqual(['edge week → other', 'node week']);
    expect(await ids()).toEqual(['other']);
    expect((await now()).vanished).toHaveLength(2);
  });

  it('keeps 9999-12-31 for ever and another expireAt to its time', async () => {
    const at = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await node('month', { expireAt: at });
    await node('ever', { expireAt: '9999-12-31T00:00:00+00:00' });
    await advance('29d');
    expect(await ids()).toEqual(['ever', 'month']);
    await advance('2d');
    expect(await ids()).toEqual(['ever']);
    await advance('9999d');
    expect(await ids()).toEqual(['ever']);
  });

  it('renews by writing again, and ends an edge by an expireAt of the past', async () => {
    await node('a');
    await node('b');
    await edge('a', 'b');
    await advance('6d');
    await node('a');
    await node('b');
    await edge('a', 'b');
    await advance('6d');
    expect((await now()).edges).toHaveLength(1);
    const gone = await edge('a', 'b', { expireAt: '2000-01-01T00:00:00+00:00' });
    expect(gone.errors).toBeUndefined();
    expect((await now()).edges).toEqual([]);
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('lets column lineage go after 10 days and keeps the table edge it made', async () => {
    await client.push('metadata', metadata(asset('orders'), asset('daily')));
    await client.push('lineage', columnLineage('daily', 'orders', { total: 'total' }));
    expect((await now()).columns).toHaveLength(1);
    await advance('239h');
    expect((await now()).columns).toHaveLength(1);
    const { vanished } = await advance('2h');
    expect(vanished).toMatchObject([{ what: 'column', label: 'shop:public.orders.total → shop:public.daily.total' }]);
    expect((await now()).edges).toHaveLength(1);
  });

  it('renews column lineage by pushing it again', async () => {
    await client.push('metadata', metadata(asset('orders'), asset('daily')));
    await client.push('lineage', columnLineage('daily', 'orders', { total: 'total' }));
    await advance('9d');
    await client.push('lineage', columnLineage('daily', 'orders', { total: 'total' }));
    await advance('9d');
    expect((await now()).columns).toHaveLength(1);
  });

  it('keeps tables and pushed table lineage for ever', async () => {
    await client.push('metadata', metadata(asset('orders'), asset('daily')));
    await client.push('lineage', lineage({ destination: ref('daily'), sources: [ref('orders')] }));
    await advance('4000d');
    expect(await client.get('assets')).toHaveLength(2);
    expect((await now()).edges).toHaveLength(1);
  });

  it('does not let a custom node’s mutation shorten the life of a pushed table', async () => {
    await client.push('metadata', metadata(asset('orders')));
    await client.graphql(UPSERT_NODE, { objectType: 'table', objectId: 'shop:public.orders', resourceId: RESOURCE });
    await advance('8d');
    expect(await ids()).toEqual(['shop:public.orders']);
  });

  it('lets the end that only edges named live as long as the longest of them', async () => {
    await node('b', { expireAt: '9999-12-31T00:00:00+00:00' });
    await edge('named', 'b', { expireAt: new Date(Date.now() + 86_400_000).toISOString() });
    await edge('b', 'named', { expireAt: new Date(Date.now() + 30 * 86_400_000).toISOString() });
    await advance('8d');
    expect(await ids()).toEqual(['b', 'named']);
    await advance('30d');
    expect(await ids()).toEqual(['b']);
  });
});

describe('the clock', () => {
  it('moves by durations, comes back to now, and refuses what is none', async () => {
    const { now: later } = await client.post<Moved>('clock', { advance: '1d12h' });
    expect(Date.parse(later) - Date.now()).toBeGreaterThan(35.9 * 3_600_000);
    const { now: real } = await client.post<Moved>('clock', { to: 'now' });
    expect(Math.abs(Date.parse(real) - Date.now())).toBeLessThan(60_000);
    for (const body of [
      { advance: '8 days' },
      { advance: -5 },
      { advance: '999999d999999d999999d' },
      [],
      { to: 'then' },
    ])
      await expect(client.post('clock', body)).rejects.toThrow(/400/);
  });
});

describe('when it shows', () => {
  const rows = async () =>
    (await client.graphql('{ getTables { edges { node { fullTableId } } } }')).data as {
      getTables: { edges: unknown[] };
    };

  it('shows at once by default here, and after minutes when asked to keep to the contract', async () => {
    await client.post('clock', { delays: 'contract' });
    await client.push('metadata', metadata(asset('orders'), asset('daily')));
    await client.push('lineage', columnLineage('daily', 'orders', { total: 'total' }));
    expect(await client.get('assets')).toHaveLength(2);
    expect((await rows()).getTables.edges).toHaveLength(0);
    const [{ mcon } = { mcon: '' }] = (await client.get<readonly { mcon: string; name: string }[]>('assets')).filter(
      ({ name }) => name === 'daily',
    );
    const columns = async (): Promise<readonly unknown[]> => {
      const query = 'query($m: String) { getTableColumnsLineage(mcon: $m) { columnsLineage { selectedColumn } } }';
      const { data = {} } = await client.graphql(query, { m: mcon });
      return (data['getTableColumnsLineage'] as { columnsLineage: unknown[] }).columnsLineage;
    };
    await advance('2m');
    expect((await rows()).getTables.edges).toHaveLength(2);
    expect(await columns()).toHaveLength(0);
    await advance('1m');
    expect(await columns()).toHaveLength(1);
  });
});
