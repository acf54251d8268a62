import { mconOf } from './identity.ts';
import { type Fields, isObject, list, text } from './shapes.ts';
import type { Asset, Query } from './types.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;
const COLUMN_LINEAGE_DAYS = 10;
const KEPT_POINTS = 100;
/** The documented values; Monte Carlo refuses any other after the 202. */
const LOG_TYPES: ReadonlySet<string> = new Set([
  'snowflake',
  'bigquery',
  'databricks',
  'databricks-metastore-sql-warehouse',
  'redshift',
  'hive-s3',
  'athena',
  'teradata',
  'clickhouse',
  's3',
  'presto-s3',
]);

/** A push that was accepted with 202, on its way through the normalizer. */
export interface Accepted {
  readonly path: string;
  readonly body: Fields;
  readonly invocation_id: string;
}

const PUSH_EVENTS: Readonly<Record<string, string>> = {
  '/ingest/v1/metadata': 'METADATA',
  '/ingest/v1/lineage': 'LINEAGE',
  '/ingest/v1/querylogs': 'QUERY_LOGS',
  '/ingest/v1/etl/metadata': 'ETL_METADATA',
  '/ingest/v1/etl/runs': 'ETL_RUNS',
};

const fullId = (ref: Fields): string => `${text(ref['database'])}:${text(ref['schema'])}.${text(ref['name'])}`;

function takeAsset(world: World, { body, invocation_id }: Accepted, event: unknown): void {
  if (!isObject(event)) return;
  const given = event['relational_asset'] as Fields;
  const metadata = given['metadata'] as Fields;
  const resource = body['resource'] as Fields;
  const full_table_id = fullId(metadata);
  const key = `${text(resource['uuid'])}/${full_table_id}`;
  const known = world.assets.get(key);
  const type = given['type'] === 'VIEW' ? 'VIEW' : 'TABLE';
  const at = world.clock.iso();
  const volume = given['volume'] as Asset['volume'][number] | undefined;
  const freshness = given['freshness'] as Asset['freshness'][number] | undefined;
  const words = Object.fromEntries(
    ['description', 'view_query', 'created_on'].flatMap((name) => {
      const value = metadata[name] ?? known?.[name as 'description'];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const asset: Asset = {
    mcon: mconOf(String(resource['uuid']), type.toLowerCase(), full_table_id),
    resource: String(resource['uuid']),
    resource_type: String(resource['resource_type']),
    full_table_id,
    type,
    database: String(metadata['database']),
    schema: String(metadata['schema']),
    name: String(metadata['name']),
    ...words,
    fields: (given['fields'] as Asset['fields'] | undefined) ?? known?.fields ?? [],
    tags: (given['tags'] as Asset['tags'] | undefined) ?? known?.tags ?? [],
    volume: [...(known?.volume ?? []), ...(volume === undefined ? [] : [{ ...volume, at }])].slice(-KEPT_POINTS),
    freshness: [...(known?.freshness ?? []), ...(freshness === undefined ? [] : [{ ...freshness, at }])].slice(
      -KEPT_POINTS,
    ),
    first_seen: known?.first_seen ?? at,
    last_seen: at,
    invocation_id,
    event,
  };
  world.assets.set(key, asset);
}

function refOf(body: Fields, ref: Fields): { readonly resource: string; readonly id: string } {
  const resource = isObject(body['resource']) ? body['resource']['uuid'] : ref['resource_uuid'];
  return { resource: String(resource), id: fullId(ref) };
}

function mconOfRef(world: World, body: Fields, ref: Fields): string {
  const { resource, id } = refOf(body, ref);
  return world.assets.get(`${resource}/${id}`)?.mcon ?? mconOf(resource, 'table', id);
}

function takeColumns(world: World, { body, invocation_id }: Accepted, event: Fields): void {
  const destination = event['destination'] as Fields;
  const sources = list(event['sources']).filter(isObject);
  const unknown = [destination, ...sources].find((ref) => {
    const { resource, id } = refOf(body, ref);
    return !world.assets.has(`${resource}/${id}`);
  });
  if (unknown !== undefined) {
    const { resource, id } = refOf(body, unknown);
    const reason = `column lineage needs both ends to be known: no metadata was pushed of ${id}`;
    const facts = { at: world.clock.iso(), endpoint: 'lineage', invocation_id, http_status: 202, event } as const;
    world.reject({ ...facts, reason, checkpoint: 5, resource });
    return;
  }
  const expire_at = new Date(world.clock.now() + COLUMN_LINEAGE_DAYS * DAY).toISOString();
  const byId = new Map(sources.map((source) => [source['asset_id'], source]));
  for (const field of list(event['fields']).filter(isObject))
    for (const from of list(field['source_fields']).filter(isObject)) {
      const source = byId.get(from['asset_id']);
      if (source === undefined) continue;
      world.lineage.map({
        destination: mconOfRef(world, body, destination),
        column: String(field['name']),
        source: mconOfRef(world, body, source),
        source_column: String(from['field_name']),
        expire_at,
      });
    }
}

function takeLineage(world: World, push: Accepted, event: unknown): void {
  if (!isObject(event)) return;
  const destination = mconOfRef(world, push.body, event['destination'] as Fields);
  world.lineage.ensure(destination);
  for (const source of list(event['sources']).filter(isObject)) {
    const from = mconOfRef(world, push.body, source);
    if (from !== destination) world.lineage.connect({ source: from, destination, custom: false, expire_at: null });
  }
  if (list(event['fields']).length > 0) takeColumns(world, push, event);
}

function takeQuery(world: World, { body, invocation_id }: Accepted, event: unknown): void {
  if (!isObject(event)) return;
  const resource = body['resource'] as Fields;
  const at = world.clock.iso();
  const query = { ...event, at, resource: resource['uuid'], log_type: resource['log_type'], invocation_id };
  world.addQuery(query as unknown as Query);
}

function unsupported(world: World, { body, invocation_id, path }: Accepted): boolean {
  if (path !== '/ingest/v1/querylogs') return false;
  const resource = body['resource'] as Fields;
  if (LOG_TYPES.has(String(resource['log_type']))) return false;
  world.reject({
    at: world.clock.iso(),
    endpoint: 'querylogs',
    invocation_id,
    http_status: 202,
    reason: `Unsupported ingest query-log log_type: ${String(resource['log_type'])}`,
    checkpoint: 4,
    resource: String(resource['uuid']),
    event: list(body['events'])[0],
  });
  return true;
}

/** What happens after the 202: the events become assets, lineage, queries, or are refused by the normalizer. */
export function ingest(world: World, push: Accepted): void {
  const { path, body, invocation_id } = push;
  const resource = isObject(body['resource']) ? String(body['resource']['uuid']) : null;
  if (resource !== null && !world.resources.has(resource))
    world.resources.set(resource, {
      name: `resource ${world.resources.size + 1}`,
      type: text((body['resource'] as Fields)['resource_type']) ?? 'snowflake',
    });
  if (unsupported(world, push)) return;
  const key = `${resource ?? ''}/${PUSH_EVENTS[path] ?? path}`;
  const at = world.clock.iso();
  world.pushEvents.set(key, { first: world.pushEvents.get(key)?.first ?? at, last: at, invocation_id });
  const take = {
    '/ingest/v1/metadata': takeAsset,
    '/ingest/v1/lineage': takeLineage,
    '/ingest/v1/querylogs': takeQuery,
  }[path];
  if (take !== undefined) for (const event of list(body['events'])) take(world, push, event);
}
