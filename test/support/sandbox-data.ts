import { type RunningSandbox, startSandbox } from '../../src/sandbox/server.ts';

export const RESOURCE = '11111111-1111-4111-8111-111111111111';

export interface GraphqlReply {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly unknown[] }[];
}

/** A sandbox in this process, with ways to speak to it. */
export interface Client {
  readonly running: RunningSandbox;
  push(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  graphql(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlReply>;
  get<T = unknown>(name: string): Promise<T>;
  post<T = unknown>(name: string, body: unknown): Promise<T>;
}

export interface ClientOptions {
  readonly data?: string;
  readonly delays?: 'contract' | 'none';
  readonly now?: () => number;
  readonly host?: string;
}

export async function sandboxClient({
  data,
  delays = 'none',
  now = Date.now,
  host = '127.0.0.1',
}: ClientOptions = {}): Promise<Client> {
  const running = await startSandbox({ host, port: 0, delays, now, ...(data === undefined ? {} : { data }) });
  const { env, endpoint, graphql_endpoint } = running;
  const ingestion = { 'x-mcd-id': env['MCD_INGEST_ID'] ?? '', 'x-mcd-token': env['MCD_INGEST_TOKEN'] ?? '' };
  const api = { 'x-mcd-id': env['MCD_ID'] ?? '', 'x-mcd-token': env['MCD_TOKEN'] ?? '' };
  const control = async (name: string, init?: RequestInit) => {
    const response = await fetch(`${endpoint}/_sandbox/${name}`, init);
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    running,
    push: (path, body, headers = {}) =>
      fetch(`${endpoint}/ingest/v1/${path}`, {
        method: 'POST',
        headers: { ...ingestion, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    graphql: async (query, variables = {}) => {
      const response = await fetch(graphql_endpoint, {
        method: 'POST',
        headers: { ...api, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return response.json() as Promise<GraphqlReply>;
    },
    get: (name) => control(name) as never,
    post: (name, body) => control(name, { method: 'POST', body: JSON.stringify(body) }) as never,
  };
}

export function asset(name: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    relational_asset: {
      type: 'TABLE',
      metadata: { name, database: 'shop', schema: 'public' },
      fields: [
        { name: 'id', type: 'bigint' },
        { name: 'total', type: 'numeric(12,2)', description: 'with tax' },
      ],
      ...more,
    },
  };
}

export function metadata(...events: readonly unknown[]) {
  return { event_type: 'METADATA', resource: { uuid: RESOURCE, resource_type: 'snowflake' }, events };
}

export const ref = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'TABLE',
  name,
  database: 'shop',
  schema: 'public',
  ...more,
});

export function lineage(...events: readonly unknown[]) {
  return { event_type: 'LINEAGE', resource: { uuid: RESOURCE, resource_type: 'snowflake' }, events };
}

/** One event of column lineage: `destination.column` comes from `source.column`, for each pair. */
export function columnLineage(destination: string, source: string, pairs: Readonly<Record<string, string>>) {
  const fields = Object.entries(pairs).map(([name, field_name]) => ({
    name,
    source_fields: [{ asset_id: 's', field_name }],
  }));
  const event = { destination: ref(destination), sources: [ref(source, { asset_id: 's' })], fields };
  return { ...lineage(event), event_type: 'COLUMN_LINEAGE' };
}

export function queryLog(text: string, times: number, log_type = 'snowflake') {
  const events = Array.from({ length: times }, (_, at) => ({
    start_time: `2026-03-01T10:00:${String(at % 60).padStart(2, '0')}Z`,
    end_time: `2026-03-01T10:01:00Z`,
    query_text: text,
    user: 'etl',
  }));
  return { event_type: 'QUERY_LOG', resource: { uuid: RESOURCE, log_type }, events };
}

export const UPSERT_NODE = `mutation($objectType: String!, $objectId: String!, $resourceId: UUID, $name: String, $properties: [ObjectPropertyInput], $expireAt: DateTime) {
  createOrUpdateLineageNode(objectType: $objectType, objectId: $objectId, resourceId: $resourceId, name: $name, properties: $properties, expireAt: $expireAt) { node { mcon displayName isCustom expireAt } } }`;
export const UPSERT_EDGE = `mutation($source: NodeInput!, $destination: NodeInput!, $expireAt: DateTime) {
  createOrUpdateLineageEdge(source: $source, destination: $destination, expireAt: $expireAt) { edge { isCustom expireAt source { mcon } destination { mcon } } } }`;

/** Fills a sandbox with tables in layers, custom nodes, column lineage, readings over time and something refused. */
export async function fill(client: Client, tables: number): Promise<void> {
  if (tables === 0) return;
  const names = Array.from({ length: tables }, (_, at) => `t_${String(at).padStart(4, '0')}`);
  for (let day = 0; day < 5; day += 1) {
    for (let from = 0; from < tables; from += 500) {
      const part = names.slice(from, from + 500).map((name, at) =>
        asset(name, {
          volume: { row_count: 1_000 + (from + at) * 10 + day * 37, byte_count: 64_000 + day * 900 },
          freshness: { last_update_time: new Date(Date.parse('2026-11-20T08:00:00Z') + day * 3_600_000).toISOString() },
        }),
      );
      await client.push('metadata', metadata(...part));
    }
    await client.post('clock', { advance: '1h' });
  }
  const edges = names.slice(1).map((name, at) => ({
    destination: ref(name),
    sources: [ref(names[Math.floor(at / 3)] ?? name)],
  }));
  for (let from = 0; from < edges.length; from += 500)
    await client.push('lineage', lineage(...edges.slice(from, from + 500)));
  await client.push('lineage', columnLineage(names[1] ?? '', names[0] ?? '', { id: 'id', total: 'total' }));
  await client.push('querylogs', queryLog(`select id, total from shop.public.${names[0]} where total > 10`, 12));
  await client.push('querylogs', queryLog('select 1', 1, 'hive'));
  const job = { objectType: 'job', objectId: 'airflow://load_orders', resourceId: RESOURCE };
  const report = { objectType: 'report', objectId: 'tableau://sales', resourceId: RESOURCE };
  const soon = new Date(Date.parse((await client.get<{ now: string }>('clock')).now) + 5 * 3_600_000).toISOString();
  await client.graphql(UPSERT_NODE, { ...job, name: 'load_orders', expireAt: soon });
  await client.graphql(UPSERT_NODE, {
    ...report,
    name: 'Sales <b>report</b>',
    expireAt: '9999-12-31T00:00:00+00:00',
    properties: [{ propertyName: 'mc_ingest', propertyValue: 'shop/sales' }],
  });
  const table = (name: string) => ({ objectType: 'table', objectId: `shop:public.${name}`, resourceId: RESOURCE });
  await client.graphql(UPSERT_EDGE, { source: job, destination: table(names[0] ?? ''), expireAt: soon });
  await client.graphql(UPSERT_EDGE, { source: table(names[1] ?? ''), destination: report });
}
