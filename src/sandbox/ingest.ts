import { type Fields, isObject, list, text } from './shapes.ts';
import { type Accepted, fullId, resourceOf, takeAsset, takeNode } from './take-asset.ts';
import type { Query } from './types.ts';
import type { World } from './world.ts';

export type { Accepted } from './take-asset.ts';

const COLUMN_LINEAGE_LIFE = 10 * 86_400_000;
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

interface Ref {
  readonly mcon: string;
  readonly id: string;
  readonly resource: string;
  /** Metadata of it was pushed. */
  readonly known: boolean;
}

function refOf(world: World, body: Fields, ref: Fields): Ref {
  const id = fullId(ref);
  const resource = resourceOf(body)?.uuid ?? String(ref['resource_uuid']).toLowerCase();
  const asset = world.assets.get(`${resource}/${id}`);
  const objectType = ref['type'] === 'VIEW' ? 'view' : 'table';
  const mcon = asset?.mcon ?? world.lineage.mcon({ objectType, objectId: id, resourceId: resource });
  return { mcon, id, resource, known: asset !== undefined && asset.deleted_at === undefined };
}

function refuseColumns(world: World, { invocation_id }: Accepted, { ref, event }: { ref: Ref; event: unknown }): void {
  world.rejected.add({
    at: world.clock.iso(),
    endpoint: 'lineage',
    invocation_id,
    http_status: 202,
    reason: `column lineage needs both ends to be known: no metadata was pushed of ${ref.id}`,
    checkpoint: 5,
    resource: ref.resource,
    event,
  });
}

function takeColumns(world: World, push: Accepted, event: Fields): void {
  const destination = refOf(world, push.body, event['destination'] as Fields);
  if (!destination.known) {
    refuseColumns(world, push, { ref: destination, event });
    return;
  }
  const sources = list(event['sources']).filter(isObject);
  const byId = new Map(sources.map((source) => [source['asset_id'], refOf(world, push.body, source)]));
  const since = world.clock.iso();
  const expire_at = new Date(world.clock.now() + COLUMN_LINEAGE_LIFE).toISOString();
  const refused = new Set<Ref>();
  for (const field of list(event['fields']).filter(isObject))
    for (const from of list(field['source_fields']).filter(isObject)) {
      const source = byId.get(from['asset_id']);
      if (source === undefined) continue;
      if (!source.known) {
        refused.add(source);
        continue;
      }
      const ends = { destination: destination.mcon, source: source.mcon };
      const columns = { column: String(field['name']), source_column: String(from['field_name']) };
      world.lineage.map({ ...ends, ...columns, since, expire_at });
    }
  for (const ref of refused) refuseColumns(world, push, { ref, event });
}

function takeLineage(world: World, push: Accepted, event: unknown): void {
  if (!isObject(event)) return;
  const { mcon: destination } = refOf(world, push.body, event['destination'] as Fields);
  world.lineage.ensure(destination);
  const { invocation_id } = push;
  const kind = { custom: false, expire_at: null, since: world.clock.iso(), invocation_id };
  for (const ref of list(event['sources']).filter(isObject)) {
    const { mcon: source } = refOf(world, push.body, ref);
    if (source !== destination) world.lineage.connect({ source, destination, ...kind });
  }
  if (list(event['fields']).length > 0) takeColumns(world, push, event);
}

function takeQuery(world: World, { body, invocation_id }: Accepted, event: unknown): void {
  const resource = resourceOf(body);
  if (!isObject(event) || resource === null) return;
  const optional = (name: 'user' | 'query_id' | 'error_text') => {
    const value = text(event[name]);
    return value === undefined ? {} : { [name]: value };
  };
  const query: Query = {
    at: world.clock.iso(),
    resource: resource.uuid,
    log_type: resource.type,
    start_time: String(event['start_time']),
    end_time: String(event['end_time']),
    query_text: String(event['query_text']),
    ...optional('user'),
    ...optional('query_id'),
    ...optional('error_text'),
    invocation_id,
  };
  world.queries.add(query);
}

function unsupported(world: World, { body, invocation_id, path }: Accepted): boolean {
  const resource = resourceOf(body);
  if (path !== '/ingest/v1/querylogs' || resource === null || LOG_TYPES.has(resource.type)) return false;
  world.rejected.add({
    at: world.clock.iso(),
    endpoint: 'querylogs',
    invocation_id,
    http_status: 202,
    reason: `Unsupported ingest query-log log_type: ${resource.type}`,
    checkpoint: 4,
    resource: resource.uuid,
    event: list(body['events'])[0],
  });
  return true;
}

/** What `getWarehouse.pushEvents` calls each endpoint (BI has no row there), and what becomes of its events. */
const KINDS: Readonly<
  Record<string, { readonly event?: string; readonly take: (world: World, push: Accepted, event: unknown) => void }>
> = {
  '/ingest/v1/metadata': { event: 'METADATA', take: takeAsset },
  '/ingest/v1/lineage': { event: 'LINEAGE', take: takeLineage },
  '/ingest/v1/querylogs': { event: 'QUERY_LOGS', take: takeQuery },
  '/ingest/v1/etl/metadata': { event: 'ETL_METADATA', take: takeNode },
  '/ingest/v1/etl/runs': { event: 'ETL_RUNS', take: () => undefined },
  '/ingest/v1/bi/metadata': { take: takeNode },
};

/** The resources a push is about, with their types. */
function resourcesOf(body: Fields): ReadonlyMap<string, string> {
  const own = resourceOf(body);
  if (own !== null) return new Map([[own.uuid, own.type]]);
  const refs = list(body['events'])
    .filter(isObject)
    .flatMap((event) => [event['destination'], ...list(event['sources'])])
    .filter(isObject);
  return new Map(refs.map((ref) => [String(ref['resource_uuid']).toLowerCase(), String(ref['resource_type'])]));
}

/** What happens after the 202: the events become assets, lineage, queries, or are refused by the normalizer. */
export function ingest(world: World, push: Accepted): void {
  const { path, body, invocation_id } = push;
  const kind = KINDS[path];
  if (kind === undefined) return;
  const resources = resourcesOf(body);
  for (const [uuid, type] of resources)
    if (!world.resources.has(uuid)) world.resources.set(uuid, { name: `resource ${world.resources.size + 1}`, type });
  if (unsupported(world, push)) return;
  const at = world.clock.iso();
  for (const uuid of resources.keys()) {
    const key = `${uuid}/${kind.event ?? path}`;
    world.pushEvents.set(key, { first: world.pushEvents.get(key)?.first ?? at, last: at, invocation_id });
  }
  for (const event of list(body['events'])) kind.take(world, push, event);
}
