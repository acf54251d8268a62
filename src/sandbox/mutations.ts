import { GraphQLError } from 'graphql';
import { makeKey } from './keys.ts';
import { isTable, type NodeInput } from './lineage-store.ts';
import { NEVER, nodeOut } from './node-out.ts';
import { propertyMutations } from './properties.ts';
import type { GraphNode } from './types.ts';
import type { World } from './world.ts';

/** Custom items vanish after a week unless `expireAt` is given. */
const DEFAULT_LIFE = 7 * 86_400_000;
const TABLES_A_CALL = 1_000;

interface UpsertNode extends NodeInput {
  readonly name?: string;
  readonly properties?: readonly ({ readonly propertyName: string; readonly propertyValue: string } | null)[];
  readonly expireAt?: string;
}

function lifeEnd(world: World, given: string | undefined): string | null {
  if (given === undefined) return new Date(world.clock.now() + DEFAULT_LIFE).toISOString();
  return given.startsWith('9999-') ? null : new Date(Date.parse(given)).toISOString();
}

function upsertNode(world: World, args: UpsertNode) {
  const { objectType, objectId } = args;
  const mcon = world.lineage.mcon(args);
  const known = world.lineage.nodes.get(mcon);
  const properties = args.properties
    ?.flatMap((property) => property ?? [])
    .map(({ propertyName, propertyValue }) => ({ name: propertyName, value: propertyValue }));
  // A pushed table keeps its kind and its life: only its name and properties can be set this way.
  const pushed = known?.custom === false;
  const node: GraphNode = {
    mcon,
    object_type: objectType,
    object_id: objectId,
    resource: mcon.split('++')[2] ?? '',
    name: args.name ?? known?.name ?? objectId,
    custom: !pushed,
    properties: properties ?? known?.properties ?? [],
    expire_at: pushed ? null : lifeEnd(world, args.expireAt),
  };
  world.lineage.upsert(node);
  const out = { node: nodeOut(world, node) };
  world.lineage.expire();
  return out;
}

interface UpsertEdge {
  readonly source: NodeInput;
  readonly destination: NodeInput;
  readonly edgeType?: string;
  readonly expireAt?: string;
}

function upsertEdge(world: World, args: UpsertEdge) {
  const expire_at = lifeEnd(world, args.expireAt);
  const source = world.lineage.mcon(args.source);
  const destination = world.lineage.mcon(args.destination);
  if (source === destination) throw new GraphQLError('an edge needs two different ends');
  const since = world.clock.iso();
  world.lineage.connect({
    source,
    destination,
    custom: true,
    edge_type: args.edgeType ?? 'IS_DOWNSTREAM',
    expire_at,
    since,
  });
  const out = (mcon: string) => {
    const node = world.lineage.nodes.get(mcon);
    return node === undefined ? null : nodeOut(world, node);
  };
  const ends = { source: out(source), destination: out(destination) };
  world.lineage.expire();
  return { edge: { ...ends, isCustom: true, expireAt: expire_at ?? NEVER, jobTs: null } };
}

/** All or nothing, at most 1,000: one unknown handle and none is deleted. */
function allOf(mcons: readonly string[], known: (mcon: string) => boolean): ReadonlySet<string> {
  if (mcons.length > TABLES_A_CALL) throw new GraphQLError(`at most ${TABLES_A_CALL} a call, not ${mcons.length}`);
  const unknown = mcons.find((mcon) => !known(mcon));
  if (unknown !== undefined) throw new GraphQLError(`nothing push-ingested is ${unknown}; none was deleted`);
  return new Set(mcons);
}

function deleteTables(world: World, { mcons }: { readonly mcons: readonly string[] }) {
  const there = (mcon: string): boolean => {
    const asset = world.asset(mcon);
    return asset !== undefined && asset.deleted_at === undefined;
  };
  const gone = allOf(mcons, there);
  for (const mcon of gone) {
    const asset = world.asset(mcon);
    if (asset !== undefined) world.setAsset({ ...asset, deleted_at: world.clock.iso() });
    // Column lineage stays for its 10 days: the contract says that it cannot be removed early.
    world.lineage.remove(mcon);
  }
  return { success: true, deletedCount: gone.size };
}

function deleteBi(world: World, { mcons }: { readonly mcons: readonly string[] }) {
  const pushed = (mcon: string): boolean => {
    const node = world.lineage.nodes.get(mcon);
    return node !== undefined && !node.custom && !isTable(node.object_type);
  };
  const gone = allOf(mcons, pushed);
  for (const mcon of gone) world.lineage.remove(mcon);
  return { success: true, deletedCount: gone.size };
}

function deleteNode(world: World, { mcon }: { readonly mcon: string }) {
  world.lineage.expire();
  const node = world.lineage.nodes.get(mcon);
  if (node === undefined) throw new GraphQLError(`no node ${mcon}`);
  if (!node.custom && isTable(node.object_type))
    throw new GraphQLError(`${mcon} is a table: deletePushIngestedTables deletes those`);
  const edges = world.lineage.remove(mcon)?.length ?? 0;
  return { objectsDeleted: 1 + edges, nodesDeleted: 1, edgesDeleted: edges };
}

interface CreateKey {
  readonly scope: string;
  readonly warehouseIds?: readonly (string | null)[];
}

function createKey(world: World, args: CreateKey) {
  if (args.scope !== 'Ingestion') throw new GraphQLError('the sandbox makes keys of scope Ingestion only');
  // A kept request is done again at the start: its key was kept by itself.
  if (world.clock.replaying) return { key: null };
  const warehouses = (args.warehouseIds ?? []).flatMap((uuid) => uuid ?? []);
  const { id, token } = makeKey(world, { scope: 'Ingestion', warehouses });
  return { key: { id, secret: token } };
}

/** The mutations of the API, over a world. Arguments come without nulls. */
export function mutationsOf(world: World) {
  return {
    createOrUpdateLineageNode: (args: UpsertNode) => upsertNode(world, args),
    createOrUpdateLineageEdge: (args: UpsertEdge) => upsertEdge(world, args),
    deleteLineageNode: (args: { readonly mcon: string }) => deleteNode(world, args),
    deletePushIngestedTables: (args: { readonly mcons: readonly string[] }) => deleteTables(world, args),
    deleteBiAssets: (args: { readonly mcons: readonly string[] }) => deleteBi(world, args),
    createIntegrationKey: (args: CreateKey) => createKey(world, args),
    deleteIntegrationKey: ({ keyId }: { readonly keyId: string }) => ({ deleted: world.keys.delete(keyId) }),
    ...propertyMutations(world),
  };
}
