import { propertiesOf, resourceOut } from './properties.ts';
import { columns, derived, type LineageArgs, lineage, lineageV2 } from './read-lineage.ts';
import { type MetricsArgs, metrics } from './read-metrics.ts';
import { aggregatedQueries, type QueriesArgs } from './read-queries.ts';
import { connection, type PageArgs, type TablesArgs, table, tables, warehouseOut } from './read-tables.ts';
import type { GraphNode } from './types.ts';
import type { World } from './world.ts';

interface SearchArgs {
  readonly query?: string;
  readonly objectTypes?: readonly string[];
  readonly offset?: number;
  readonly limit?: number;
  readonly operator?: string;
  readonly mcon?: string;
  readonly mcons?: readonly string[];
  readonly resourceIds?: readonly string[];
  readonly tagFilters?: readonly ({ readonly tagName: string; readonly tagValues?: readonly string[] } | null)[];
}

type Properties = GraphNode['properties'];

/** What a node carries: its own properties, the tags of its table, and what was set by the API. */
function carried(world: World, node: GraphNode): Properties {
  const tags = world.asset(node.mcon)?.tags.map(({ key, value }) => ({ name: key, value: value ?? '' })) ?? [];
  const set = propertiesOf(world, node.mcon).map(({ propertyName, propertyValue }) => ({
    name: propertyName,
    value: propertyValue ?? '',
  }));
  return [...node.properties, ...tags, ...set];
}

function named(node: GraphNode, properties: Properties, { query = '', operator }: SearchArgs): boolean {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const own = properties.map(({ name, value }) => `${name} ${value}`).join(' ');
  const text = `${node.name} ${node.object_id} ${own}`.toLowerCase();
  return operator === 'AND' ? words.every((word) => text.includes(word)) : words.some((word) => text.includes(word));
}

function tagged(properties: Properties, filters: SearchArgs['tagFilters']): boolean {
  return (filters ?? []).every(
    (filter) =>
      filter === null ||
      properties.some(
        ({ name, value }) =>
          name === filter.tagName && (filter.tagValues === undefined || filter.tagValues.includes(value)),
      ),
  );
}

function search(world: World, args: SearchArgs) {
  world.lineage.expire();
  const shown = (mcon: string): boolean => {
    const asset = world.asset(mcon);
    return asset === undefined || world.shows(asset.first_seen, 'metadata');
  };
  const found = [...world.lineage.nodes.values()]
    .map((node) => ({ node, properties: carried(world, node) }))
    .filter(
      ({ node, properties }) =>
        (args.objectTypes === undefined || args.objectTypes.includes(node.object_type)) &&
        (args.resourceIds === undefined || args.resourceIds.includes(node.resource)) &&
        (args.mcon === undefined || args.mcon === node.mcon) &&
        (args.mcons === undefined || args.mcons.includes(node.mcon)) &&
        shown(node.mcon) &&
        named(node, properties, args) &&
        tagged(properties, args.tagFilters),
    );
  const offset = args.offset ?? 0;
  return {
    totalHits: found.length,
    offset,
    results: found.slice(offset, offset + (args.limit ?? 50)).map(({ node, properties }) => ({
      mcon: node.mcon,
      lineageNodeId: node.mcon,
      objectType: node.object_type,
      objectId: node.object_id,
      displayName: node.name,
      properties,
      resourceId: node.resource,
    })),
  };
}

function integrationKeys(world: World, args: { readonly scope?: string; readonly resourceUuid?: string }) {
  const all = [...world.resources.keys()];
  return [...world.keys.values()]
    .map((key) => ({ ...key, warehouses: key.warehouses ?? all }))
    .filter(({ scope }) => args.scope === undefined || scope === args.scope)
    .filter(({ warehouses }) => args.resourceUuid === undefined || warehouses.includes(args.resourceUuid.toLowerCase()))
    .map(({ id, scope, warehouses }) => ({
      id,
      scope,
      warehouses: warehouses.flatMap((uuid) => warehouseOut(world, uuid) ?? []),
    }));
}

function parsed({ logTypes }: { readonly logTypes: readonly string[] }) {
  return logTypes.map((logType) => ({
    logType,
    sources: [],
    destination: null,
    errors: ['the sandbox has no SQL parser'],
    success: false,
  }));
}

/** The queries of the API that read back what was pushed, over a world. Arguments come without nulls. */
export function queriesOf(world: World) {
  const warehouses = () => [...world.resources.keys()].flatMap((uuid) => warehouseOut(world, uuid) ?? []);
  const account = () => ({ uuid: world.account, name: 'sandbox', warehouses: warehouses() });
  const resources = () => [...world.resources.keys()].flatMap((uuid) => resourceOut(world, uuid) ?? []);
  return {
    getUser: () => ({ email: 'sandbox@localhost', account }),
    getWarehouse: ({ uuid = '' }: { readonly uuid?: string }) => warehouseOut(world, uuid.toLowerCase()),
    getWarehouses: warehouses,
    getTable: (args: TablesArgs) => table(world, args),
    getTables: (args: TablesArgs) => tables(world, args),
    getTableLineage: (args: LineageArgs) => lineage(world, args),
    getTableLineageV2: (args: LineageArgs) => lineageV2(world, args),
    getTableColumnsLineage: (args: { readonly mcon?: string }) => columns(world, args),
    getDerivedTablesPartialLineage: (args: Parameters<typeof derived>[1]) => derived(world, args),
    getMetricsV4: (args: MetricsArgs) => metrics(world, args),
    getAggregatedQueries: (args: QueriesArgs) => aggregatedQueries(world, args),
    search: (args: SearchArgs) => search(world, args),
    getIntegrationKeys: (args: Parameters<typeof integrationKeys>[1]) => integrationKeys(world, args),
    getObjectProperties: (args: PageArgs & { readonly mconId?: string }) =>
      connection(propertiesOf(world, args.mconId ?? ''), args),
    getResource: (args: { readonly uuid?: string; readonly name?: string }) =>
      resources().find(({ uuid, name }) => uuid === args.uuid?.toLowerCase() || name === args.name) ?? null,
    getResources: resources,
    parseQueryForLogTypes: parsed,
  };
}
