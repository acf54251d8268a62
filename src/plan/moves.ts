import type { AppliedEdge, AppliedItem, DesiredItem, ItemKey, PlanInput } from './types.ts';

/** The state under the names of the file, and which name each renamed item had. */
export interface Renamed {
  readonly known: ReadonlyMap<ItemKey, AppliedItem>;
  readonly movedFrom: ReadonlyMap<ItemKey, ItemKey>;
}

type Desired = ReadonlyMap<ItemKey, DesiredItem>;
type Moves = ReadonlyMap<ItemKey, ItemKey>;

/**
 * Follows `moved:` from a key to the first name that the file uses: a rename of a rename is one move. Null: nowhere; or
 * the file still uses the key, so that the `moved:` is of an earlier time; or the moves run in a circle.
 */
function target(key: ItemKey, moves: Moves, desired: Desired): ItemKey | null {
  if (desired.has(key)) return null;
  const seen = new Set([key]);
  let found: ItemKey | null = null;
  for (let to = moves.get(key); to !== undefined; to = moves.get(to)) {
    if (seen.has(to)) return null;
    seen.add(to);
    if (found === null && desired.has(to)) found = to;
  }
  return found;
}

const kindOf = (key: ItemKey): string => key.slice(0, key.indexOf(':'));

/** Drops the moves onto a name that stays taken; what is dropped stays where it is and may block others in turn. */
function unblocked(wanted: Map<ItemKey, ItemKey>, items: ReadonlySet<string>): ReadonlyMap<ItemKey, ItemKey> {
  for (let dropped = true; dropped; ) {
    dropped = false;
    const taken = new Set<ItemKey>();
    for (const [from, to] of wanted) {
      if ((items.has(to) && !wanted.has(to)) || taken.has(to)) {
        wanted.delete(from);
        dropped = true;
      }
      taken.add(to);
    }
  }
  return wanted;
}

function explicit(input: PlanInput, desired: Desired): Map<ItemKey, ItemKey> {
  const moves = new Map(input.moved.map(({ from, to }) => [from, to]));
  const wanted = new Map<ItemKey, ItemKey>();
  for (const from of [...moves.keys()].sort()) {
    if (!Object.hasOwn(input.state.items, from)) continue;
    const to = target(from, moves, desired);
    if (to !== null && to !== from && kindOf(to) === kindOf(from)) wanted.set(from, to);
  }
  return wanted;
}

/** The names an edge's key may get when the nodes in it are renamed. */
function edgeNames(edge: AppliedEdge, nodes: Moves): readonly ItemKey[] {
  const [first, last] = [edge.needs[0], edge.needs.at(-1)];
  if (first === undefined || last === undefined) return [];
  const bare = (key: ItemKey): string => key.slice('node:'.length);
  const renamed = (key: ItemKey): string => bare(nodes.get(key) ?? key);
  const text = edge.key.slice('edge:'.length);
  if (edge.needs.length > 1) return [`edge:${renamed(first)}->${renamed(last)}`];
  const names: ItemKey[] = [];
  if (text.startsWith(`${bare(first)}->`)) names.push(`edge:${renamed(first)}${text.slice(bare(first).length)}`);
  if (text.endsWith(`->${bare(last)}`)) names.push(`edge:${text.slice(0, -bare(last).length)}${renamed(last)}`);
  return names;
}

/**
 * What `state mv` changes: an item under its new key, and with a node its edges, as `moved:` takes them along. An edge
 * whose new name is taken keeps its own. Null: nothing is under that key any more.
 */
export function movedByHand(
  items: Readonly<Record<string, AppliedItem>>,
  item: AppliedItem,
  to: ItemKey,
): ReadonlyMap<ItemKey, AppliedItem | null> {
  const changes = new Map<ItemKey, AppliedItem | null>([
    [item.key, null],
    [to, { ...item, key: to }],
  ]);
  const nodes = new Map([[item.key, to]]);
  for (const edge of item.kind === 'node' ? Object.values(items) : []) {
    if (edge.kind !== 'edge' || !edge.needs.includes(item.key)) continue;
    const key = edgeNames(edge, nodes).find((name) => name !== edge.key && !Object.hasOwn(items, name)) ?? edge.key;
    changes.set(edge.key, null);
    changes.set(key, { ...edge, key, needs: edge.needs.map((need) => nodes.get(need) ?? need) });
  }
  return changes;
}

/** A renamed node takes its edges along: their keys hold its name. */
function addEdges(wanted: Map<ItemKey, ItemKey>, input: PlanInput, desired: Desired): void {
  const moves = new Map(input.moved.map(({ from, to }) => [from, to]));
  const nodes = new Map<ItemKey, ItemKey>();
  for (const from of moves.keys()) {
    const to = from.startsWith('node:') ? target(from, moves, desired) : null;
    if (to !== null) nodes.set(from, to);
  }
  if (nodes.size === 0) return;
  for (const key of Object.keys(input.state.items).sort()) {
    const item = input.state.items[key];
    if (item?.kind !== 'edge' || wanted.has(item.key) || !item.needs.some((need) => nodes.has(need))) continue;
    const to = edgeNames(item, nodes).find((name) => name !== item.key && desired.has(name));
    if (to !== undefined) wanted.set(item.key, to);
  }
}

function asIs({ state }: PlanInput): ReadonlyMap<ItemKey, AppliedItem> {
  const known = new Map<ItemKey, AppliedItem>();
  for (const item of Object.values(state.items)) known.set(item.key, item);
  return known;
}

/** Carries out `moved:` on the state, as far as the names are free (or become free, as when two items swap names). */
export function renamed(input: PlanInput, desired: Desired): Renamed {
  if (input.moved.length === 0) return { known: asIs(input), movedFrom: new Map() };
  const wanted = explicit(input, desired);
  addEdges(wanted, input, desired);
  const moves = unblocked(wanted, new Set(Object.keys(input.state.items)));
  const known = new Map<ItemKey, AppliedItem>();
  const movedFrom = new Map<ItemKey, ItemKey>();
  for (const item of Object.values(input.state.items)) {
    const to = moves.get(item.key);
    known.set(to ?? item.key, to === undefined ? item : { ...item, key: to });
    if (to !== undefined) movedFrom.set(to, item.key);
  }
  return { known, movedFrom };
}
