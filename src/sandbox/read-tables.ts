import { propertiesOf } from './properties.ts';
import type { Asset, PushEvents } from './types.ts';
import type { World } from './world.ts';

const STALE_AFTER = 24 * 3_600_000;
const TYPES = ['BIGQUERY', 'CLICKHOUSE', 'DATA_LAKE', 'REDSHIFT', 'SNOWFLAKE', 'TERADATA', 'TRANSACTIONAL_DB'];
const EVENTS = ['METADATA', 'LINEAGE', 'QUERY_LOGS', 'ETL_METADATA', 'ETL_RUNS'] as const;

function statusOf(world: World, found: PushEvents | undefined): string {
  if (found === undefined) return 'NEVER_RECEIVED';
  return world.clock.now() - Date.parse(found.last) > STALE_AFTER ? 'STALE' : 'ACTIVE';
}

/** A resource as a warehouse of the API; null when it is not known. */
export function warehouseOut(world: World, uuid: string) {
  const known = world.resources.get(uuid);
  if (known === undefined) return null;
  const connectionType = known.type.toUpperCase().replaceAll('-', '_');
  return {
    uuid,
    name: known.name,
    connectionType: TYPES.includes(connectionType) ? connectionType : 'DATA_LAKE',
    isDeleted: false,
    connections: [],
    pushEvents: EVENTS.map((eventType) => {
      const found = world.pushEvents.get(`${uuid}/${eventType}`);
      return {
        eventType,
        status: statusOf(world, found),
        firstReceived: found?.first ?? null,
        lastReceived: found?.last ?? null,
        lastInvocationId: found?.invocation_id ?? null,
      };
    }),
  };
}

export interface PageArgs {
  readonly first?: number;
  readonly after?: string;
  readonly offset?: number;
}

/** One page of a list, in the API's connection form. */
export function connection<T>(all: readonly T[], args: PageArgs) {
  const start = Math.max(0, args.offset ?? 0) + (args.after === undefined ? 0 : Number(args.after) + 1 || 0);
  const page = all.slice(start, start + Math.max(0, args.first ?? 100));
  const end = start + page.length;
  const cursors = page.length === 0 ? {} : { startCursor: String(start), endCursor: String(end - 1) };
  return {
    pageInfo: { hasNextPage: end < all.length, hasPreviousPage: start > 0, ...cursors },
    edges: page.map((node, index) => ({ node, cursor: String(start + index) })),
  };
}

export interface FieldsArgs extends PageArgs {
  readonly name?: string;
  readonly search?: string;
}

function fieldsOut(asset: Asset, { name, search, ...page }: FieldsArgs) {
  const found = asset.fields.filter(
    (field) => (name === undefined || field.name === name) && (search === undefined || field.name.includes(search)),
  );
  const out = found.map((field) => ({
    name: field.name,
    fieldType: field.type,
    mode: null,
    description: field.description ?? null,
  }));
  return connection(out, page);
}

function thresholds(newest: string | null) {
  const reason = 'the sandbox trains no detectors';
  return {
    freshness: { status: 'TRAINING', reason, lastUpdate: newest },
    size: { ucsStatus: 'TRAINING', sdStatus: 'TRAINING', ucsReason: reason, sdReason: reason },
  };
}

/** How many nodes can be reached from a table, not counting itself. */
function reached(world: World, mcon: string, way: 'upstream' | 'downstream'): number {
  const seen = new Set([mcon]);
  for (const at of seen) for (const next of world.lineage[way](at).keys()) seen.add(next);
  return seen.size - 1;
}

function tableOut(world: World, asset: Asset) {
  const { resource, full_table_id, mcon, type, invocation_id, last_seen, deleted_at } = asset;
  const newest = asset.freshness.at(-1)?.last_update_time ?? null;
  const fields = (args: FieldsArgs) => fieldsOut(asset, args);
  const version = { id: mcon, versionId: last_seen, timestamp: last_seen, fields };
  const collection = { isActive: true, intervalInSeconds: 3_600, lastRun: last_seen, nextRun: null };
  return {
    tableId: asset.name,
    fullTableId: full_table_id,
    warehouse: warehouseOut(world, resource),
    projectName: asset.database,
    dataset: asset.schema,
    tableType: type,
    isDeleted: deleted_at !== undefined,
    deletedAt: deleted_at ?? null,
    lastObserved: last_seen,
    dataProvider: null,
    ingestType: 'PUSH',
    ingestInvocationId: invocation_id,
    mcon,
    lastActivity: newest,
    lastWrite: newest,
    lastVolumeChange: asset.volume.at(-1)?.at ?? null,
    versions: (args: PageArgs) => connection([version], args),
    thresholds: thresholds(newest),
    nodeId: mcon,
    freshnessCollectionStatus: newest === null ? null : collection,
    volumeCollectionStatus: asset.volume.length === 0 ? null : collection,
    objectProperties: () => [
      ...asset.tags.map(({ key, value }) => ({
        id: `${mcon}/tag/${key}`,
        mconId: mcon,
        propertyName: key,
        propertyValue: value ?? null,
        propertySourceType: 'INGEST',
      })),
      ...propertiesOf(world, mcon),
    ],
    totalDownstreamNodes: () => reached(world, mcon, 'downstream'),
    totalUpstreamNodes: () => reached(world, mcon, 'upstream'),
  };
}

export interface TablesArgs extends PageArgs {
  readonly dwId?: string;
  readonly search?: string;
  readonly fullTableId?: string;
  readonly mcon?: string;
  readonly mcons?: readonly string[];
  readonly ingestType?: string;
  readonly ingestInvocationId?: string;
  readonly isDeleted?: boolean;
  readonly lastObserved_Gt?: string;
}

function matches(asset: Asset, args: TablesArgs): boolean {
  return (
    (args.dwId === undefined || asset.resource === args.dwId.toLowerCase()) &&
    (args.fullTableId === undefined || asset.full_table_id === args.fullTableId) &&
    (args.mcon === undefined || asset.mcon === args.mcon) &&
    (args.mcons === undefined || args.mcons.includes(asset.mcon)) &&
    (args.ingestType === undefined || args.ingestType.toUpperCase() === 'PUSH') &&
    (args.ingestInvocationId === undefined || asset.invocation_id === args.ingestInvocationId) &&
    (args.lastObserved_Gt === undefined || Date.parse(asset.last_seen) > Date.parse(args.lastObserved_Gt)) &&
    (args.search === undefined || asset.full_table_id.toLowerCase().includes(args.search.toLowerCase()))
  );
}

const deleted = ({ deleted_at }: Asset): boolean => deleted_at !== undefined;

/** `getTables`: deleted tables only when they are asked for. */
export function tables(world: World, args: TablesArgs) {
  const found = [...world.assets.values()].filter(
    (asset) =>
      matches(asset, args) && deleted(asset) === (args.isDeleted ?? false) && world.shows(asset.first_seen, 'metadata'),
  );
  const { edges, pageInfo } = connection(found, args);
  return { pageInfo, edges: edges.map(({ node, cursor }) => ({ node: tableOut(world, node), cursor })) };
}

/** `getTable`: one table by its handle or its full id, a deleted one too. */
export function table(world: World, args: TablesArgs) {
  if (args.mcon === undefined && args.fullTableId === undefined) return null;
  const direct = args.mcon === undefined ? [...world.assets.values()] : [world.asset(args.mcon) ?? []].flat();
  const found = direct.find((asset) => matches(asset, args) && world.shows(asset.first_seen, 'metadata'));
  return found === undefined ? null : tableOut(world, found);
}
