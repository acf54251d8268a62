import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  asset,
  type Client,
  columnLineage,
  fill,
  lineage,
  metadata,
  queryLog,
  RESOURCE,
  ref,
  sandboxClient,
  UPSERT_EDGE,
  UPSERT_NODE,
} from '../support/sandbox-data.ts';

let client: Client;
beforeEach(async () => {
  client = await sandboxClient();
});
afterEach(() => client.running.close());

async function ask(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<never> {
  const { data, errors } = await client.graphql(query, variables);
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return Object.values(data ?? {})[0] as never;
}
async function refused(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { errors } = await client.graphql(query, variables);
  return errors?.[0]?.message ?? 'it was not refused';
}
async function pushed(path: string, body: unknown): Promise<string> {
  const response = await client.push(path, body);
  expect(response.status).toBe(202);
  return ((await response.json()) as { invocation_id: string }).invocation_id;
}
const mconOf = (name: string, type = 'table') =>
  `MCON++00000000-0000-4000-8000-00000000acc0++${RESOURCE}++${type}++shop:public.${name}`;

describe('tables', () => {
  it('are found by handle, by full id and by the invocation that brought them', async () => {
    const first = await pushed('metadata', metadata(asset('orders'), asset('daily', { type: 'VIEW' })));
    const second = await pushed('metadata', metadata(asset('late')));
    const found: { edges: { node: { fullTableId: string } }[] } = await ask(
      'query($id: String) { getTables(ingestInvocationId: $id) { edges { node { fullTableId } } } }',
      { id: first },
    );
    expect(found.edges.map(({ node }) => node.fullTableId).sort()).toEqual(['shop:public.daily', 'shop:public.orders']);
    const table = await ask(
      `query($wh: UUID) { getTable(dwId: $wh, fullTableId: "shop:public.late", mcon: null) { mcon fullTableId tableType ingestType ingestInvocationId isDeleted warehouse { uuid }
         versions(first: 1) { edges { node { fields(first: 500) { edges { node { name fieldType description } } } } } } } }`,
      { wh: RESOURCE },
    );
    expect(table).toMatchObject({
      mcon: mconOf('late'),
      ingestType: 'PUSH',
      ingestInvocationId: second,
      isDeleted: false,
      warehouse: { uuid: RESOURCE },
    });
    expect(JSON.stringify(table)).toContain('"name":"total","fieldType":"numeric(12,2)","description":"with tax"');
    expect(await ask('query($m: String) { getTable(mcon: $m) { tableType } }', { m: mconOf('daily', 'view') })).toEqual(
      { tableType: 'VIEW' },
    );
    expect(await ask('{ getTable(mcon: "MCON++a++b++table++c") { mcon } }')).toBeNull();
  });

  it('come in pages', async () => {
    await pushed('metadata', metadata(...Array.from({ length: 7 }, (_, at) => asset(`t${at}`))));
    const names: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const found: {
        pageInfo: { hasNextPage: boolean; endCursor: string };
        edges: { node: { fullTableId: string } }[];
      } = await ask(
        'query($after: String) { getTables(first: 3, after: $after) { pageInfo { hasNextPage endCursor } edges { node { fullTableId } } } }',
        { after },
      );
      names.push(...found.edges.map(({ node }) => node.fullTableId));
      if (!found.pageInfo.hasNextPage) break;
      after = found.pageInfo.endCursor;
    }
    expect(new Set(names).size).toBe(7);
    expect(names).toHaveLength(7);
  });

  it('keep columns and texts that a push of counts does not mention', async () => {
    await pushed('metadata', metadata(asset('orders')));
    await pushed(
      'metadata',
      metadata({
        relational_asset: {
          type: 'TABLE',
          metadata: { name: 'orders', database: 'shop', schema: 'public' },
          volume: { row_count: 0 },
        },
      }),
    );
    expect(await client.get('assets')).toMatchObject([
      { fields: [{ name: 'id' }, { name: 'total' }], volume: [{ row_count: 0 }] },
    ]);
  });

  it('keep one handle when a table turns out to be a view, also when lineage named it first', async () => {
    await pushed('lineage', lineage({ destination: ref('v'), sources: [ref('orders')] }));
    await pushed('metadata', metadata(asset('v', { type: 'VIEW' }), asset('orders')));
    const graph = await client.get<{ nodes: readonly unknown[]; edges: readonly unknown[] }>('lineage');
    expect(graph.nodes).toHaveLength(2);
    expect(
      await ask(
        'query($m: String) { getTableLineage(mcon: $m, direction: "downstream") { connectedNodes { displayName } } }',
        { m: mconOf('orders') },
      ),
    ).toMatchObject({ connectedNodes: [{ displayName: 'shop:public.v' }] });
  });

  it('give back counts beyond 2^53 to the last digit', async () => {
    const body = JSON.stringify(metadata(asset('big', { volume: { row_count: 0, byte_count: 1 } })))
      .replace('"row_count":0', '"row_count":9007199254740993')
      .replace('"byte_count":1', '"byte_count":12345678901234567890');
    await client.push('metadata', body);
    const { endpoint } = client.running;
    const requests = await (await fetch(`${endpoint}/_sandbox/requests`)).text();
    expect(requests).toContain('"row_count":9007199254740993');
    const assets = await (await fetch(`${endpoint}/_sandbox/assets`)).text();
    expect(assets).toContain('9007199254740993');
    expect(assets).toContain('"byte_count":12345678901234567890');
    const { metricsJson }: { metricsJson: string } = await ask(
      'query($m: String) { getMetricsV4(metricName: "total_row_count", startTime: "2020-01-01T00:00:00Z", metricsFilter: { mcon: $m }) { metricsJson } }',
      { m: mconOf('big') },
    );
    expect(metricsJson).toContain('"value":9007199254740993');
  });
});

describe('metrics', () => {
  it('are the counts and update times of each push, inside the window', async () => {
    await pushed(
      'metadata',
      metadata(
        asset('t', {
          volume: { row_count: 10, byte_count: 5 },
          freshness: { last_update_time: '2026-03-01T02:00:00Z' },
        }),
      ),
    );
    await client.post('clock', { advance: '1h' });
    await pushed('metadata', metadata(asset('t', { volume: { row_count: 0 } })));
    const values = async (metricName: string, startTime = '2020-01-01T00:00:00Z') => {
      const { metricsJson }: { metricsJson: string } = await ask(
        'query($m: String, $n: String!, $s: DateTime!) { getMetricsV4(metricName: $n, startTime: $s, metricsFilter: { mcon: $m }) { metricsJson } }',
        { m: mconOf('t'), n: metricName, s: startTime },
      );
      return (JSON.parse(metricsJson) as { value: number; measurementTimestamp: string }[]).map(({ value }) => value);
    };
    expect(await values('total_row_count')).toEqual([10, 0]);
    expect(await values('total_byte_count')).toEqual([5]);
    expect(await values('total_row_count_last_changed_on')).toEqual([Date.parse('2026-03-01T02:00:00Z') / 1000]);
    expect(await values('total_row_count', new Date(Date.now() + 1_800_000).toISOString())).toEqual([0]);
    expect(await values('no_such_metric')).toEqual([]);
  });
});

describe('lineage', () => {
  it('is walked up and down, by hops', async () => {
    await pushed(
      'lineage',
      lineage({ destination: ref('b'), sources: [ref('a')] }, { destination: ref('c'), sources: [ref('b')] }),
    );
    const walk = async (direction: string, hops: number) => {
      const { connectedNodes }: { connectedNodes: { displayName: string }[] } = await ask(
        'query($m: String, $d: String!, $h: Int) { getTableLineage(mcon: $m, direction: $d, hops: $h) { connectedNodes { displayName } } }',
        { m: mconOf(direction === 'upstream' ? 'c' : 'a'), d: direction, h: hops },
      );
      return connectedNodes.map(({ displayName }) => displayName);
    };
    expect(await walk('upstream', 1)).toEqual(['shop:public.b']);
    expect(await walk('downstream', 5)).toEqual(['shop:public.b', 'shop:public.c']);
    expect(await refused('{ getTableLineage(mcon: "x", direction: "sideways") { baseNode { mcon } } }')).toContain(
      'sideways',
    );
    const many = Array.from({ length: 13 }, () => 'x');
    expect(
      await refused('query($m: [String]) { getTableLineage(mcons: $m, direction: "upstream") { baseNode { mcon } } }', {
        m: many,
      }),
    ).toContain('12');
  });

  it('of columns is read from both sides', async () => {
    await pushed('metadata', metadata(asset('orders'), asset('daily')));
    await pushed('lineage', columnLineage('daily', 'orders', { total: 'total', id: 'id' }));
    const columns = await ask(
      'query($m: String) { getTableColumnsLineage(mcon: $m) { columnsLineage { selectedColumn lineageSources { mcon sourceColumns { columnName } } } } }',
      { m: mconOf('daily') },
    );
    expect(columns).toMatchObject({
      columnsLineage: [
        {
          selectedColumn: 'total',
          lineageSources: [{ mcon: mconOf('orders'), sourceColumns: [{ columnName: 'total' }] }],
        },
        { selectedColumn: 'id' },
      ],
    });
    const derived = await ask(
      'query($m: String) { getDerivedTablesPartialLineage(mcon: $m, column: "total") { destinations { mcon columns { columnName } } isLastPage } }',
      { m: mconOf('orders') },
    );
    expect(derived).toEqual({
      destinations: [{ mcon: mconOf('daily'), columns: [{ columnName: 'total' }] }],
      isLastPage: true,
    });
  });

  it('of columns needs both ends to be known; the table edge is made all the same', async () => {
    await pushed('metadata', metadata(asset('daily')));
    await pushed('lineage', columnLineage('daily', 'orders', { total: 'total' }));
    expect(await client.get('rejected')).toMatchObject([{ checkpoint: 5, http_status: 202 }]);
    expect(await client.get('lineage')).toMatchObject({ columns: [], edges: [{ custom: false }] });
  });

  it('crosses warehouses when every asset names its resource', async () => {
    const other = '22222222-2222-4222-8222-222222222222';
    const own = (resource_uuid: string) => ({ resource_uuid, resource_type: 'snowflake' });
    await pushed('lineage', {
      event_type: 'LINEAGE',
      events: [{ destination: ref('a', own(RESOURCE)), sources: [ref('a', own(other))] }],
    });
    const { edges } = await client.get<{ edges: { source: string; destination: string }[] }>('lineage');
    expect(edges.map(({ source, destination }) => [source.split('++')[2], destination.split('++')[2]])).toEqual([
      [other, RESOURCE],
    ]);
  });

  it('deletes a node with its edges and counts both, and no node twice', async () => {
    const end = (objectId: string) => ({ objectType: 'job', objectId, resourceId: RESOURCE });
    const { node }: { node: { mcon: string } } = await ask(UPSERT_NODE, end('a'));
    await ask(UPSERT_EDGE, { source: end('a'), destination: end('b') });
    await ask(UPSERT_EDGE, { source: end('c'), destination: end('a') });
    const remove = 'mutation($m: String!) { deleteLineageNode(mcon: $m) { objectsDeleted nodesDeleted edgesDeleted } }';
    expect(await ask(remove, { m: node.mcon })).toEqual({ objectsDeleted: 3, nodesDeleted: 1, edgesDeleted: 2 });
    expect(await refused(remove, { m: node.mcon })).toContain('no node');
  });

  it('is the same node for the same type, id and resource, and keeps what an update does not say', async () => {
    const same = { objectType: 'job', objectId: 'a', resourceId: RESOURCE };
    await ask(UPSERT_NODE, { ...same, name: 'Loader', properties: [{ propertyName: 'team', propertyValue: 'data' }] });
    await ask(UPSERT_NODE, { ...same, name: null });
    expect(await client.get('lineage')).toMatchObject({
      nodes: [{ name: 'Loader', properties: [{ name: 'team', value: 'data' }] }],
    });
  });

  it('refuses a bare date and a null property value, with HTTP 200 and errors', async () => {
    expect(await refused(UPSERT_NODE, { objectType: 'job', objectId: 'a', expireAt: '2030-01-01' })).toContain(
      'DateTime',
    );
    expect(
      await refused(UPSERT_NODE, {
        objectType: 'job',
        objectId: 'a',
        properties: [{ propertyName: 'x', propertyValue: null }],
      }),
    ).toContain('propertyValue');
  });
});

describe('deletePushIngestedTables', () => {
  const remove = 'mutation($m: [String!]!) { deletePushIngestedTables(mcons: $m) { success deletedCount } }';

  it('deletes all or nothing, and the lineage with them', async () => {
    await pushed('metadata', metadata(asset('a'), asset('b')));
    await pushed('lineage', columnLineage('b', 'a', { id: 'id' }));
    expect(await refused(remove, { m: [mconOf('a'), mconOf('zzz')] })).toContain('none was deleted');
    expect(await client.get('assets')).toHaveLength(2);
    expect(await ask(remove, { m: [mconOf('b')] })).toEqual({ success: true, deletedCount: 1 });
    expect(await client.get('assets')).toMatchObject([{ name: 'a' }]);
    const graph = await client.get<{ edges: unknown[]; columns: unknown[] }>('lineage');
    expect(graph.edges).toEqual([]);
    expect(graph.columns).toHaveLength(1);
    expect(await ask('query($m: String) { getTable(mcon: $m) { isDeleted } }', { m: mconOf('b') })).toEqual({
      isDeleted: true,
    });
    expect(await ask('{ getTables { edges { node { mcon } } } }')).toEqual({
      edges: [{ node: { mcon: mconOf('a') } }],
    });
    await pushed('metadata', metadata(asset('b')));
    expect(await client.get('assets')).toHaveLength(2);
  });

  it('takes at most 1,000 a call', async () => {
    const names = Array.from({ length: 1_001 }, (_, at) => `t${at}`);
    await pushed('metadata', metadata(...names.map((name) => asset(name))));
    expect(await refused(remove, { m: names.map((name) => mconOf(name)) })).toContain('1000');
    expect(await ask(remove, { m: names.slice(1).map((name) => mconOf(name)) })).toEqual({
      success: true,
      deletedCount: 1_000,
    });
  });

  it('does not delete what was never pushed', async () => {
    await pushed('lineage', lineage({ destination: ref('b'), sources: [ref('a')] }));
    expect(await refused(remove, { m: [mconOf('a')] })).toContain('none was deleted');
  });
});

describe('query logs', () => {
  const counts = async (name: string, queryType: string, window = ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z']) => {
    const { aggregatedQueries }: { aggregatedQueries: { count: number; date: string }[] } = await ask(
      `query($m: String!, $s: DateTime!, $e: DateTime!) { getAggregatedQueries(mcon: $m, startTime: $s, endTime: $e, queryType: ${queryType}, limit: 100) { aggregatedQueries { count date queryHash user latestQueryTimestamp } pageInfo { hasNextPage } } }`,
      { m: mconOf(name), s: window[0], e: window[1] },
    );
    return aggregatedQueries.map(({ count }) => count);
  };

  it('are counted by statement, for the tables they read and write', async () => {
    await pushed('querylogs', queryLog('insert into shop.public."daily" select * from shop.public.orders', 40));
    await pushed('querylogs', queryLog('SELECT * FROM orders', 3));
    expect(await counts('orders', 'read')).toEqual([40, 3]);
    expect(await counts('orders', 'write')).toEqual([]);
    expect(await counts('daily', 'write')).toEqual([40]);
    expect(await counts('order', 'read')).toEqual([]);
    expect(await counts('orders', 'read', ['2026-03-01T12:00:00Z', '2026-03-02T00:00:00Z'])).toEqual([]);
  });

  it('show after 15 minutes when the sandbox keeps to the contract', async () => {
    await client.post('clock', { delays: 'contract' });
    await pushed('querylogs', queryLog('select * from orders', 3));
    expect(await counts('orders', 'read')).toEqual([]);
    await client.post('clock', { advance: '15m' });
    expect(await counts('orders', 'read')).toEqual([3]);
  });
});

describe('what else can be read', () => {
  it('finds custom nodes by their mark', async () => {
    await fill(client, 20);
    const found = await ask(
      '{ search(objectTypes: ["report"], query: "shop/sales", tagFilters: [{ tagName: "mc_ingest" }]) { totalHits results { objectId properties { name value } } } }',
    );
    expect(found).toEqual({
      totalHits: 1,
      results: [{ objectId: 'tableau://sales', properties: [{ name: 'mc_ingest', value: 'shop/sales' }] }],
    });
    expect(
      await ask('{ search(tagFilters: [{ tagName: "mc_ingest", tagValues: ["other/sales"] }]) { totalHits } }'),
    ).toEqual({ totalHits: 0 });
  });

  it('tells which kinds of events a resource got, and when', async () => {
    const id = await pushed('metadata', metadata(asset('a')));
    const { pushEvents }: { pushEvents: { eventType: string; status: string; lastInvocationId: string | null }[] } =
      await ask('query($u: UUID) { getWarehouse(uuid: $u) { pushEvents { eventType status lastInvocationId } } }', {
        u: RESOURCE,
      });
    expect(pushEvents.find(({ eventType }) => eventType === 'METADATA')).toMatchObject({
      status: 'ACTIVE',
      lastInvocationId: id,
    });
    expect(pushEvents.find(({ eventType }) => eventType === 'QUERY_LOGS')).toMatchObject({ status: 'NEVER_RECEIVED' });
    await client.post('clock', { advance: '2d' });
    expect(
      JSON.stringify(
        await ask('query($u: UUID) { getWarehouse(uuid: $u) { pushEvents { status } } }', { u: RESOURCE }),
      ),
    ).toContain('STALE');
    expect(
      JSON.stringify(await ask('{ getUser { email account { uuid warehouses { uuid name connectionType } } } }')),
    ).toContain(RESOURCE);
  });

  it('gives the error of a failed part, and the data of the others', async () => {
    const { data, errors } = await client.graphql(
      'mutation { a: deleteLineageNode(mcon: "x") { nodesDeleted } b: createOrUpdateLineageNode(objectType: "job", objectId: "j") { node { mcon } } }',
    );
    expect(errors).toMatchObject([{ message: 'no node x', path: ['a'] }]);
    expect(data).toMatchObject({ a: null, b: { node: { mcon: expect.stringContaining('++job++j') } } });
  });
});
