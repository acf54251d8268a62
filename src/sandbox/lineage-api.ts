import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { NodeInput } from './lineage-store.ts';
import type { GraphEdge, GraphNode } from './types.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;
/** Custom items vanish after a week unless `expireAt` is given. */
const DEFAULT_LIFE = 7 * DAY;
const NEVER = '9999-12-31T00:00:00+00:00';
const TABLES_A_CALL = 1_000;

interface UpsertNode extends NodeInput {
  readonly name?: string | null;
  readonly properties?: readonly ({ readonly propertyName: string; readonly propertyValue: string } | null)[] | null;
  readonly expireAt?: string | null;
}

function lifeEnd(world: World, given: string | null | undefined): string | null {
  if (given == null) return new Date(world.clock.now() + DEFAULT_LIFE).toISOString();
  return given.startsWith('9999-') ? null : new Date(Date.parse(given)).toISOString();
}

/** A node in the API's words. */
export function nodeOut(world: World, node: GraphNode) {
  const edges = [...world.lineage.edges.values()];
  return {
    mcon: node.mcon,
    displayName: node.name,
    objectType: node.object_type,
    isCustom: node.custom,
    expireAt: node.custom ? (node.expire_at ?? NEVER) : null,
    hasUpstreamNodes: edges.some(({ destination }) => destination === node.mcon),
    hasDownstreamNodes: edges.some(({ source }) => source === node.mcon),
    jobTs: null,
  };
}

const isTable = (type: string): boolean => type === 'table' || type === 'view';

function upsertNode(world: World, args: UpsertNode) {
  const { objectType, objectId, resourceId, resourceName } = args;
  if (!resourceId && !resourceName) throw new GraphQLError('resourceId or resourceName is needed');
  const mcon = world.lineage.mcon({
    objectType,
    objectId,
    resourceId: resourceId ?? null,
    resourceName: resourceName ?? null,
  });
  const known = world.lineage.nodes.get(mcon);
  const properties = args.properties
    ?.flatMap((property) => property ?? [])
    .map(({ propertyName, propertyValue }) => ({ name: propertyName, value: propertyValue }));
  const node = world.lineage.upsert({
    mcon,
    object_type: objectType,
    object_id: objectId,
    resource: mcon.split('++')[2] ?? '',
    name: args.name ?? known?.name ?? objectId,
    custom: true,
    properties: properties ?? known?.properties ?? [],
    expire_at: lifeEnd(world, args.expireAt),
  });
  world.lineage.expire();
  return { node: nodeOut(world, node) };
}

function endOf(world: World, input: NodeInput, expire_at: string | null): string {
  const mcon = world.lineage.mcon(input);
  const { objectType, objectId } = input;
  world.lineage.ensure(mcon, {
    mcon,
    object_type: objectType,
    object_id: objectId,
    resource: mcon.split('++')[2] ?? '',
    name: objectId,
    custom: !isTable(objectType),
    properties: [],
    expire_at: isTable(objectType) ? null : expire_at,
  });
  return mcon;
}

interface UpsertEdge {
  readonly source: NodeInput;
  readonly destination: NodeInput;
  readonly edgeType?: string;
  readonly expireAt?: string | null;
}

function upsertEdge(world: World, args: UpsertEdge) {
  const expire_at = lifeEnd(world, args.expireAt);
  const edge: GraphEdge = {
    source: endOf(world, args.source, expire_at),
    destination: endOf(world, args.destination, expire_at),
    custom: true,
    edge_type: args.edgeType ?? 'IS_DOWNSTREAM',
    expire_at,
  };
  world.lineage.connect(edge);
  const out = (mcon: string) => {
    const node = world.lineage.nodes.get(mcon);
    return node === undefined ? null : nodeOut(world, node);
  };
  const ends = { source: out(edge.source), destination: out(edge.destination) };
  world.lineage.expire();
  return { edge: { ...ends, isCustom: true, expireAt: expire_at ?? NEVER, jobTs: null } };
}

function deleteTables(world: World, { mcons }: { readonly mcons: readonly string[] }) {
  if (mcons.length > TABLES_A_CALL) throw new GraphQLError(`at most ${TABLES_A_CALL} tables a call`);
  const keyed = new Map([...world.assets].map(([key, asset]) => [asset.mcon, key]));
  const unknown = mcons.find((mcon) => !keyed.has(mcon));
  if (unknown !== undefined) throw new GraphQLError(`no push-ingested table ${unknown}; none was deleted`);
  for (const mcon of new Set(mcons)) {
    world.assets.delete(keyed.get(mcon) ?? '');
    // Column lineage stays for its 10 days: the contract says that it cannot be removed early.
    world.lineage.remove(mcon);
  }
  return { success: true, deletedCount: new Set(mcons).size };
}

function createKey(world: World, args: { readonly scope: string; readonly warehouseIds?: readonly string[] | null }) {
  if (args.scope !== 'Ingestion') throw new GraphQLError('the sandbox makes keys of scope Ingestion only');
  if (world.clock.replaying) return { key: null };
  const key = { id: randomUUID().replaceAll('-', ''), token: randomUUID(), scope: 'Ingestion' as const };
  world.addKey({ ...key, ...(args.warehouseIds ? { warehouses: args.warehouseIds } : {}) });
  return { key: { id: key.id, secret: key.token } };
}

/** The mutations of the API, over a world. */
export function mutations(world: World) {
  const property = (args: { mconId: string; propertyName: string; propertyValue?: string | null }) => {
    const own = world.properties.get(args.mconId) ?? new Map<string, string>();
    world.properties.set(args.mconId, own.set(args.propertyName, args.propertyValue ?? ''));
    return {
      id: `${args.mconId}/${args.propertyName}`,
      mconId: args.mconId,
      propertyName: args.propertyName,
      propertyValue: args.propertyValue ?? null,
      propertySourceType: 'DASHBOARD',
    };
  };
  return {
    createOrUpdateLineageNode: (args: UpsertNode) => upsertNode(world, args),
    createOrUpdateLineageEdge: (args: UpsertEdge) => upsertEdge(world, args),
    deleteLineageNode: ({ mcon }: { readonly mcon: string }) => {
      const gone = world.lineage.remove(mcon);
      if (gone === null) throw new GraphQLError(`no node ${mcon}`);
      return { objectsDeleted: gone.nodes + gone.edges, nodesDeleted: gone.nodes, edgesDeleted: gone.edges };
    },
    deletePushIngestedTables: (args: { readonly mcons: readonly string[] }) => deleteTables(world, args),
    createIntegrationKey: (args: { readonly scope: string; readonly warehouseIds?: readonly string[] }) =>
      createKey(world, args),
    deleteIntegrationKey: ({ keyId }: { readonly keyId: string }) => ({ deleted: world.keys.delete(keyId) }),
    createOrUpdateObjectProperty: (args: { mconId: string; propertyName: string; propertyValue?: string }) => ({
      objectProperty: property(args),
    }),
    deleteObjectProperty: (args: { readonly mconId: string; readonly propertyName: string }) => ({
      success: world.properties.get(args.mconId)?.delete(args.propertyName) ?? false,
    }),
  };
}
