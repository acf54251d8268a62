import { nodeOut } from './lineage-api.ts';
import type { Asset, PushEvents } from './types.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
/** How long until a push shows, at the contract's lower ends. The page and the control endpoints show it at once. */
const SHOWS_AFTER = { metadata: 2 * MINUTE, query: 15 * MINUTE } as const;
const STALE_AFTER = 24 * 60 * MINUTE;
const ACCOUNT_NAME = 'sandbox';

function shown(world: World, at: string, after: number): boolean {
  return Date.parse(at) + after <= world.clock.now();
}

function warehouse(world: World, uuid: string) {
  const known = world.resources.get(uuid);
  if (known === undefined) return null;
  const connectionType = known.type.toUpperCase().replaceAll('-', '_');
  const types = ['BIGQUERY', 'CLICKHOUSE', 'DATA_LAKE', 'REDSHIFT', 'SNOWFLAKE', 'TERADATA', 'TRANSACTIONAL_DB'];
  const events = ['METADATA', 'LINEAGE', 'QUERY_LOGS', 'ETL_METADATA', 'ETL_RUNS'];
  const status = (found: PushEvents | undefined): string =>
    found === undefined
      ? 'NEVER_RECEIVED'
      : world.clock.now() - Date.parse(found.last) > STALE_AFTER
        ? 'STALE'
        : 'ACTIVE';
  return {
    uuid,
    name: known.name,
    connectionType: types.includes(connectionType) ? connectionType : 'DATA_LAKE',
    isDeleted: false,
    connections: [],
    pushEvents: events.map((eventType) => {
      const found = world.pushEvents.get(`${uuid}/${eventType}`);
      return {
        eventType,
        status: status(found),
        firstReceived: found?.first ?? null,
        lastReceived: found?.last ?? null,
        lastInvocationId: found?.invocation_id ?? null,
      };
    }),
  };
}

function tableOut(world: World, asset: Asset) {
  const { resource, full_table_id, mcon, type, invocation_id, last_seen } = asset;
  const newest = asset.freshness.at(-1)?.last_update_time ?? null;
  const fields = asset.fields.map(({ name, type: fieldType, description }) => ({
    node: { name, fieldType, mode: null, description: description ?? null },
    cursor: name,
  }));
  const pageInfo = { hasNextPage: false, hasPreviousPage: false };
  const version = { id: mcon, versionId: last_seen, timestamp: last_seen, fields: { pageInfo, edges: fields } };
  const collection = { isActive: true, intervalInSeconds: 3_600, lastRun: last_seen, nextRun: null };
  return {
    tableId: asset.name,
    fullTableId: full_table_id,
    warehouse: warehouse(world, resource),
    projectName: asset.database,
    dataset: asset.schema,
    tableType: type,
    isDeleted: false,
    deletedAt: null,
    lastObserved: last_seen,
    ingestType: 'PUSH',
    ingestInvocationId: invocation_id,
    mcon,
    lastActivity: newest,
    lastWrite: newest,
    lastVolumeChange: asset.volume.at(-1)?.at ?? null,
    versions: { pageInfo, edges: [{ node: version, cursor: last_seen }] },
    thresholds: {
      freshness: { status: 'TRAINING', reason: 'not enough samples', lastUpdate: newest },
      size: { ucsStatus: 'TRAINING', sdStatus: 'TRAINING', ucsReason: 'not enough samples', sdReason: null },
    },
    nodeId: mcon,
    freshnessCollectionStatus: newest === null ? null : collection,
    volumeCollectionStatus: asset.volume.length === 0 ? null : collection,
    objectProperties: [],
  };
}

interface TablesArgs {
  readonly dwId?: string;
  readonly search?: string;
  readonly fullTableId?: string;
  readonly mcon?: string;
  readonly mcons?: readonly string[];
  readonly ingestInvocationId?: string;
  readonly first?: number;
  readonly after?: string;
}

function tables(world: World, args: TablesArgs) {
  const all = [...world.assets.values()].filter(
    (asset) =>
      shown(world, asset.first_seen, SHOWS_AFTER.metadata) &&
      (args.dwId === undefined || asset.resource === args.dwId) &&
      (args.fullTableId === undefined || asset.full_table_id === args.fullTableId) &&
      (args.mcon === undefined || asset.mcon === args.mcon) &&
      (args.mcons === undefined || args.mcons.includes(asset.mcon)) &&
      (args.ingestInvocationId === undefined || asset.invocation_id === args.ingestInvocationId) &&
      (args.search === undefined || asset.full_table_id.includes(args.search)),
  );
  const start = args.after === undefined ? 0 : Number(args.after) + 1;
  const page = all.slice(start, start + (args.first ?? 100));
  const end = start + page.length - 1;
  return {
    pageInfo: { hasNextPage: end < all.length - 1, hasPreviousPage: start > 0, endCursor: String(end) },
    edges: page.map((asset, index) => ({ node: tableOut(world, asset), cursor: String(start + index) })),
  };
}

function neighbours(world: World, mcon: string, { direction, hops }: { direction: string; hops: number }) {
  const seen = new Set([mcon]);
  const flattened = new Map<string, string[]>();
  let front = [mcon];
  for (let hop = 0; hop < hops && front.length > 0; hop += 1) {
    const next: string[] = [];
    for (const { source, destination } of world.lineage.edges.values()) {
      const [from, to] = direction.toLowerCase() === 'upstream' ? [destination, source] : [source, destination];
      if (!front.includes(from)) continue;
      flattened.set(from, [...(flattened.get(from) ?? []), to]);
      if (!seen.has(to)) next.push(to);
      seen.add(to);
    }
    front = next;
  }
  return { seen, flattened };
}

function lineage(world: World, args: { mcon?: string; mcons?: readonly string[]; direction: string; hops?: number }) {
  world.lineage.expire();
  const bases = args.mcons ?? (args.mcon === undefined ? [] : [args.mcon]);
  const out = (mcon: string) => {
    const node = world.lineage.nodes.get(mcon);
    return node === undefined ? [] : [nodeOut(world, node)];
  };
  const found = bases.map((mcon) => neighbours(world, mcon, { direction: args.direction, hops: args.hops ?? 1 }));
  const around = new Set(found.flatMap(({ seen }) => [...seen]).filter((mcon) => !bases.includes(mcon)));
  return {
    baseNode: bases.flatMap(out)[0] ?? null,
    baseNodes: bases.flatMap(out),
    connectedNodes: [...around].flatMap(out),
    flattenedEdges: found.flatMap(({ flattened }) =>
      [...flattened].map(([mcon, directlyConnectedMcons]) => ({ mcon, directlyConnectedMcons })),
    ),
  };
}

function columns(world: World, { mcon }: { readonly mcon?: string }) {
  world.lineage.expire();
  const own = [...world.lineage.columns.values()].filter(({ destination }) => destination === mcon);
  return {
    mcon,
    displayName: world.lineage.nodes.get(mcon ?? '')?.name ?? null,
    columnsLineage: [...new Set(own.map(({ column }) => column))].map((selectedColumn) => {
      const mine = own.filter(({ column }) => column === selectedColumn);
      const lineageSources = [...new Set(mine.map(({ source }) => source))].map((source) => ({
        mcon: source,
        sourceColumns: mine.filter((one) => one.source === source).map((one) => ({ columnName: one.source_column })),
      }));
      return { selectedColumn, lineageSources };
    }),
    nonSelectedSourceColumns: [],
  };
}

function derived(world: World, args: { readonly mcon?: string; readonly column?: string }) {
  world.lineage.expire();
  const own = [...world.lineage.columns.values()].filter(
    ({ source, source_column }) => source === args.mcon && source_column === args.column,
  );
  const destinations = [...new Set(own.map(({ destination }) => destination))].map((mcon) => ({
    mcon,
    displayName: world.lineage.nodes.get(mcon)?.name ?? null,
    columns: own.filter(({ destination }) => destination === mcon).map(({ column }) => ({ columnName: column })),
    sourceColumnUsedAsNonSelected: false,
  }));
  return { mcon: args.mcon, sourceColumn: args.column, destinations, isLastPage: true, cursor: null };
}

interface MetricsArgs {
  readonly metricName: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly metricsFilter: { readonly mcon?: string; readonly fullTableId?: string; readonly dwId?: string };
}

interface Point {
  readonly at: string;
  readonly value: number | string | undefined;
}

function metrics(world: World, { metricName, startTime, endTime, metricsFilter }: MetricsArgs) {
  const asset = [...world.assets.values()].find(
    ({ mcon, full_table_id }) => mcon === metricsFilter.mcon || full_table_id === metricsFilter.fullTableId,
  );
  const readings: Readonly<Record<string, () => readonly Point[] | undefined>> = {
    total_row_count: () => asset?.volume.map(({ at, row_count }) => ({ at, value: row_count })),
    total_byte_count: () => asset?.volume.map(({ at, byte_count }) => ({ at, value: byte_count })),
    total_row_count_last_changed_on: () =>
      asset?.freshness.map(({ at, last_update_time }) => ({ at, value: Date.parse(last_update_time) / 1_000 })),
  };
  const points = readings[metricName]?.();
  const until = endTime === undefined ? world.clock.now() : Date.parse(endTime);
  const list = (points ?? []).flatMap(({ at, value }) =>
    value === undefined || Date.parse(at) < Date.parse(startTime) || Date.parse(at) > until
      ? []
      : [{ metric: metricName, value: Number(value), timestamp: at, measurementTimestamp: at }],
  );
  return { metrics: list, isPartialDateRange: false, metricsJson: JSON.stringify(list) };
}

interface QueriesArgs {
  readonly startTime: string;
  readonly endTime: string;
  readonly mcon: string;
  readonly limit: number;
}

/** The sandbox has no parser: a query belongs to a table when its text names it. */
function queries(world: World, { startTime, endTime, mcon, limit }: QueriesArgs) {
  const [, , resource, , id = ''] = mcon.split('++');
  const name = id.slice(id.lastIndexOf('.') + 1).toLowerCase();
  const found = [...world.queryCounts.values()].filter(
    ({ resource: own, query }) =>
      own === resource &&
      shown(world, query.at, SHOWS_AFTER.query) &&
      query.start_time >= startTime &&
      query.start_time <= endTime &&
      query.query_text.toLowerCase().includes(name),
  );
  return {
    aggregatedQueries: found.slice(0, limit).map(({ query, count }) => ({
      date: query.start_time.slice(0, 10),
      user: query.user ?? null,
      latestQuery: query.query_text,
      latestQueryId: query.query_id ?? null,
      latestQueryTimestamp: query.start_time,
      count,
    })),
    pageInfo: { hasNextPage: found.length > limit, endCursor: null },
  };
}

function search(world: World, args: { query?: string; objectTypes?: readonly string[]; limit?: number }) {
  world.lineage.expire();
  const words = (args.query ?? '').toLowerCase();
  const found = [...world.lineage.nodes.values()].filter(
    ({ name, object_id, object_type, properties }) =>
      (args.objectTypes === undefined || args.objectTypes.includes(object_type)) &&
      `${name} ${object_id} ${properties.map(({ value }) => value).join(' ')}`.toLowerCase().includes(words),
  );
  return {
    totalHits: found.length,
    offset: 0,
    results: found.slice(0, args.limit ?? 50).map((node) => ({
      mcon: node.mcon,
      objectType: node.object_type,
      objectId: node.object_id,
      displayName: node.name,
      properties: node.properties,
      resourceId: node.resource,
    })),
  };
}

/** The queries of the API that read back what was pushed, over a world. */
export function queriesOf(world: World) {
  const warehouses = () => [...world.resources.keys()].map((uuid) => warehouse(world, uuid));
  return {
    getUser: () => ({
      email: 'sandbox@localhost',
      account: { uuid: world.account, name: ACCOUNT_NAME, warehouses: warehouses() },
    }),
    getWarehouse: ({ uuid = '' }: { readonly uuid?: string }) => warehouse(world, uuid),
    getWarehouses: warehouses,
    getTable: (args: TablesArgs) => tables(world, args).edges[0]?.node ?? null,
    getTables: (args: TablesArgs) => tables(world, args),
    getTableLineage: (args: Parameters<typeof lineage>[1]) => lineage(world, args),
    getTableColumnsLineage: (args: { readonly mcon?: string }) => columns(world, args),
    getDerivedTablesPartialLineage: (args: { readonly mcon?: string; readonly column?: string }) =>
      derived(world, args),
    getMetricsV4: (args: MetricsArgs) => metrics(world, args),
    getAggregatedQueries: (args: QueriesArgs) => queries(world, args),
    search: (args: Parameters<typeof search>[1]) => search(world, args),
    getIntegrationKeys: ({ scope }: { readonly scope?: string }) =>
      [...world.keys.values()]
        .filter((key) => scope === undefined || key.scope === scope)
        .map((key) => ({ id: key.id, scope: key.scope, warehouses: [] })),
  };
}
