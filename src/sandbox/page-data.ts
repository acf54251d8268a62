import { printExact } from './exact.ts';
import { tail } from './lineage-store.ts';
import type { Asset, GraphNode, RequestRecord } from './types.ts';
import type { World } from './world.ts';

const PUSHES = 500;
const REFUSED = 500;
const QUERIES = 500;
const TEXT = 300;

/** The newest items of a list with their numbers, newest first. */
function newest<T>(list: { readonly items: readonly T[]; readonly forgotten: number }, most: number) {
  const from = Math.max(0, list.items.length - most);
  return list.items
    .slice(from)
    .map((item, index) => ({ n: list.forgotten + from + index, item }))
    .reverse();
}

function nodeRow(world: World, { mcon, name, object_type, custom, expire_at }: GraphNode) {
  const asset = world.asset(mcon);
  const pushed = asset !== undefined && asset.deleted_at === undefined;
  const columns = pushed ? asset.fields.length : null;
  return { mcon, name: pushed ? asset.full_table_id : name, type: object_type, custom, pushed, columns, expire_at };
}

const bare = ({ body: _body, ...record }: RequestRecord) => record;

/** What the page lists and draws. Null when it has this version already. */
export function overview(world: World, since: string | null): unknown {
  if (world.lineage.expire().length > 0) world.version += 1;
  const version = `${world.version}.${world.clock.offset}`;
  const { offset } = world.clock;
  const clock = { version, now: world.clock.iso(), offset_ms: offset };
  if (since === version) return { ...clock, unchanged: true };
  const nodes = [...world.lineage.nodes.values()];
  const index = new Map(nodes.map(({ mcon }, at) => [mcon, at]));
  const edges = [...world.lineage.edges.values()].map(({ source, destination, custom, expire_at }) => [
    index.get(source) ?? -1,
    index.get(destination) ?? -1,
    custom,
    expire_at,
  ]);
  return {
    ...clock,
    nodes: nodes.map((node) => nodeRow(world, node)),
    edges,
    totals: { queries: world.queries.total, requests: world.requests.forgotten + world.requests.items.length },
    queries: newest(world.queries.newest, QUERIES).map(({ n, item }) => ({
      n,
      ...item,
      query_text: item.query_text.slice(0, TEXT),
    })),
    requests: newest(world.requests, PUSHES).map(({ n, item }) => ({ n, ...bare(item) })),
    rejected: newest(world.rejected, REFUSED).map(({ n, item: { event: _event, ...item } }) => ({ n, ...item })),
    vanished: world.lineage.vanished.slice(-100).reverse(),
  };
}

function pushOf(world: World, invocation_id: string) {
  const at = world.requests.items.findLastIndex((record) => record.invocation_id === invocation_id);
  const found = world.requests.items[at];
  return found === undefined ? null : { n: world.requests.forgotten + at, ...bare(found) };
}

function ends(world: World, mcon: string, way: 'upstream' | 'downstream') {
  return [...world.lineage[way](mcon)].map(([other, { custom, edge_type, expire_at }]) => ({
    mcon: other,
    name: world.lineage.nodes.get(other)?.name ?? tail(other),
    custom,
    edge_type,
    expire_at,
  }));
}

function columnLineage(world: World, mcon: string) {
  const all = [...world.lineage.columns.values()].filter((one) => one.destination === mcon || one.source === mcon);
  return all.map(({ source, destination, ...rest }) => ({
    ...rest,
    source,
    source_name: tail(source),
    destination,
    destination_name: tail(destination),
  }));
}

function assetPart(world: World, asset: Asset) {
  const { event, ...facts } = asset;
  return { asset: facts, event: printExact(event, '\n'), push: pushOf(world, asset.invocation_id) };
}

function nodeItem(world: World, mcon: string): unknown {
  world.lineage.expire();
  const node = world.lineage.nodes.get(mcon);
  const asset = world.asset(mcon);
  if (node === undefined) return null;
  const around = { upstream: ends(world, mcon, 'upstream'), downstream: ends(world, mcon, 'downstream') };
  const more = asset === undefined || asset.deleted_at !== undefined ? {} : assetPart(world, asset);
  return { kind: 'node', node, ...around, columns: columnLineage(world, mcon), ...more };
}

/** The text of a body for people, every digit kept. */
function pretty(body: string | undefined, parse: (text: string) => unknown): string | null {
  if (body === undefined) return null;
  try {
    return printExact(parse(body), '\n');
  } catch {
    return body;
  }
}

/** One item of the page, whole; null when it is gone. `parse` keeps digits. */
export function item(world: World, query: URLSearchParams, parse: (text: string) => unknown): unknown {
  const mcon = query.get('mcon');
  if (mcon !== null) return nodeItem(world, mcon);
  const n = Number(query.get('n') ?? Number.NaN);
  switch (query.get('kind')) {
    case 'request': {
      const found = world.requests.at(n);
      return found === undefined ? null : { kind: 'request', ...bare(found), body: pretty(found.body, parse) };
    }
    case 'rejected': {
      const found = world.rejected.at(n);
      if (found === undefined) return null;
      const event = found.event === undefined ? null : printExact(found.event, '\n');
      const push = found.invocation_id === null ? null : pushOf(world, found.invocation_id);
      return { kind: 'rejected', ...found, event, push };
    }
    case 'query': {
      const found = world.queries.newest.at(n);
      return found === undefined ? null : { kind: 'query', ...found, push: pushOf(world, found.invocation_id) };
    }
    default:
      return null;
  }
}
