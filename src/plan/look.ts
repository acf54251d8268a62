import { edgeIdentity, nodeIdentity } from './identity.ts';
import { renamed } from './moves.ts';
import { runInterval, timeOf } from './schedule.ts';
import type { AppliedEdge, AppliedItem, AppliedNode, DesiredItem, ItemKey, ItemKind, PlanInput } from './types.ts';

/** Both sides of the comparison, and what is asked of them as a whole. Each index is made once, when it is first needed. */
export interface Look {
  readonly input: PlanInput;
  readonly known: ReadonlyMap<ItemKey, AppliedItem>;
  readonly desired: ReadonlyMap<ItemKey, DesiredItem>;
  readonly movedFrom: ReadonlyMap<ItemKey, ItemKey>;
  /** What the state has and the file no longer asks for. */
  readonly leftOver: Readonly<Record<ItemKind, readonly AppliedItem[]>>;
  readonly removed: ReadonlySet<ItemKey>;
  /** Milliseconds until the next run. */
  readonly interval: number;
  /** Desired nodes and edges by what they are remotely. */
  readonly owner: (identity: string) => ItemKey | undefined;
  /** A desired edge that ends at an object. */
  readonly endsAt: (identity: string) => ItemKey | undefined;
  /** Edges of the state that hang on an object. */
  readonly hangingOn: (identity: string) => readonly AppliedEdge[];
  /** Desired edges that need a node. */
  readonly needing: (node: ItemKey) => readonly ItemKey[];
  /** Desired items that a remote handle belongs to. */
  readonly holder: (mcon: string) => ItemKey | undefined;
  /** A node that lapsed by itself, by what it was remotely: its edges went with it. */
  readonly lapsed: () => ReadonlyMap<string, AppliedNode>;
  /** When a resource was last pushed to, by `RESOURCE COLLECT`; milliseconds. */
  readonly lastPush: (place: string) => number | undefined;
  /** Whether a desired flow pushes to `RESOURCE COLLECT`. */
  readonly isPushed: (place: string) => boolean;
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function lazy<V>(make: () => ReadonlyMap<string, V>): (name: string) => V | undefined {
  const made = once(make);
  return (name) => made().get(name);
}

function add<V>(map: Map<string, V[]>, name: string, value: V): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [value]);
  else list.push(value);
}

/** Of several keys the first by name, whatever the order in which they are met. */
function setLeast(map: Map<string, ItemKey>, name: string, key: ItemKey): void {
  const first = map.get(name);
  if (first === undefined || key < first) map.set(name, key);
}

function owners(desired: Iterable<DesiredItem>): ReadonlyMap<string, ItemKey> {
  const found = new Map<string, ItemKey>();
  for (const item of desired) {
    if (item.kind === 'node') setLeast(found, nodeIdentity(item.spec), item.key);
    if (item.kind === 'edge') setLeast(found, edgeIdentity(item.spec), item.key);
  }
  return found;
}

function ends(desired: Iterable<DesiredItem>): ReadonlyMap<string, ItemKey> {
  const found = new Map<string, ItemKey>();
  for (const item of desired)
    if (item.kind === 'edge')
      for (const end of [item.spec.source, item.spec.destination]) {
        setLeast(found, nodeIdentity(end), item.key);
      }
  return found;
}

function hanging(known: Iterable<AppliedItem>): ReadonlyMap<string, readonly AppliedEdge[]> {
  const found = new Map<string, AppliedEdge[]>();
  for (const item of known)
    if (item.kind === 'edge')
      for (const identity of new Set([nodeIdentity(item.spec.source), nodeIdentity(item.spec.destination)]))
        add(found, identity, item);
  return found;
}

function needs(desired: Iterable<DesiredItem>): ReadonlyMap<string, readonly ItemKey[]> {
  const found = new Map<string, ItemKey[]>();
  for (const item of desired)
    if (item.kind === 'edge') for (const need of new Set(item.needs)) add(found, need, item.key);
  return found;
}

function places(desired: Iterable<DesiredItem>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const item of desired) if (item.kind === 'flow') found.add(`${item.spec.resource} ${item.spec.collect}`);
  return found;
}

function pushes(known: Iterable<AppliedItem>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const item of known) {
    if (item.kind !== 'flow' || item.push.last_pushed_at === null) continue;
    const place = `${item.spec.resource} ${item.spec.collect}`;
    found.set(place, Math.max(found.get(place) ?? 0, Date.parse(item.push.last_pushed_at)));
  }
  return found;
}

/** Two items may name one object, when one of them took it over: the later write decided when it lapses. */
function later(a: AppliedNode, b: AppliedNode): AppliedNode {
  if (a.applied_at !== b.applied_at) return a.applied_at > b.applied_at ? a : b;
  return a.key < b.key ? a : b;
}

function lapsed(known: Iterable<AppliedItem>, now: number): ReadonlyMap<string, AppliedNode> {
  const found = new Map<string, AppliedNode>();
  for (const item of known) {
    if (item.kind !== 'node' || timeOf(item.expires_at) > now) continue;
    const identity = nodeIdentity(item.spec);
    const other = found.get(identity);
    found.set(identity, other === undefined ? item : later(other, item));
  }
  return found;
}

function holders(known: ReadonlyMap<ItemKey, AppliedItem>, desired: ReadonlySet<ItemKey>): Map<string, ItemKey> {
  const found = new Map<string, ItemKey>();
  for (const item of known.values())
    if (item.kind === 'node' && item.mcon !== null && desired.has(item.key)) setLeast(found, item.mcon, item.key);
  return found;
}

/**
 * The node that lapsed by itself and took an edge along; undefined: there is none, or the edge was made after that.
 */
export function lapsedEnd(edge: AppliedEdge, look: Look): AppliedNode | undefined {
  const lapsed = look.lapsed();
  if (lapsed.size === 0) return undefined;
  const { source, destination } = edge.spec;
  return [source, destination]
    .flatMap((end) => lapsed.get(nodeIdentity(end)) ?? [])
    .find(({ expires_at }) => Date.parse(edge.applied_at) < timeOf(expires_at));
}

function leftOvers(known: Iterable<AppliedItem>, desired: ReadonlyMap<ItemKey, DesiredItem>): Look['leftOver'] {
  const found: Record<ItemKind, AppliedItem[]> = { node: [], edge: [], flow: [] };
  for (const item of known) if (!desired.has(item.key)) found[item.kind].push(item);
  return found;
}

/** Brings the two sides under the same names. */
export function look(input: PlanInput): Look {
  const desired = new Map(input.desired.map((item) => [item.key, item]));
  const { known, movedFrom } = renamed(input, desired);
  const hangingOn = lazy(() => hanging(known.values()));
  const pushed = once(() => places(input.desired));
  const needing = lazy(() => needs(input.desired));
  return {
    input,
    known,
    desired,
    movedFrom,
    leftOver: leftOvers(known.values(), desired),
    removed: new Set(input.removed),
    interval: runInterval(input.desired),
    owner: lazy(() => owners(input.desired)),
    endsAt: lazy(() => ends(input.desired)),
    hangingOn: (identity) => hangingOn(identity) ?? [],
    needing: (node) => needing(node) ?? [],
    holder: lazy(() => holders(known, new Set(desired.keys()))),
    lapsed: once(() => lapsed(known.values(), input.now)),
    isPushed: (place) => pushed().has(place),
    lastPush: lazy(() => pushes(known.values())),
  };
}
