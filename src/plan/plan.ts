import { idleUntil, vanishingOf } from './ahead.ts';
import { deletion } from './deletion.ts';
import { followEnds, goneObjects, namingEdges } from './ends.ts';
import { fingerprintOf } from './fingerprint.ts';
import { flowChange } from './flow-change.ts';
import { guardsOf } from './guard.ts';
import { lineageChange } from './lineage-change.ts';
import { type Look, look } from './look.ts';
import { ordered } from './order.ts';
import { iso } from './schedule.ts';
import { attachedEdges, blocked, isPicked } from './scope.ts';
import type { Change, DesiredItem, ItemKey, ItemKind, Plan, PlanInput } from './types.ts';

interface Picked {
  readonly all: readonly Change[];
  readonly picked: readonly Change[];
}

function withMoves(changes: readonly Change[], { movedFrom }: Look): readonly Change[] {
  if (movedFrom.size === 0) return changes;
  return changes.map((change) => {
    const from = movedFrom.get(change.key);
    return from === undefined ? change : { ...change, moved_from: from };
  });
}

function desiredOf<K extends ItemKind>(kind: K, { input }: Look): readonly Extract<DesiredItem, { kind: K }>[] {
  return input.desired.filter((item): item is Extract<DesiredItem, { kind: K }> => item.kind === kind);
}

function picking(all: readonly Change[], at: Look, along: ReadonlySet<ItemKey> = new Set()): readonly Change[] {
  if (at.input.selected === undefined) return all;
  return all.filter((change) => isPicked(change, at) || along.has(change.key));
}

function nodeChanges(at: Look): Picked {
  const all = withMoves(
    [
      ...desiredOf('node', at).map((item) => namingEdges(lineageChange(item, at), at)),
      ...at.leftOver.node.map((item) => deletion(item, at)),
    ],
    at,
  );
  return { all, picked: picking(all, at) };
}

/** The nodes that something happens to: an edge between others stays as it is. */
function touchedNodes(nodes: readonly Change[]): ReadonlyMap<ItemKey, Change> {
  const found = new Map<ItemKey, Change>();
  for (const node of nodes) if (node.action !== 'keep' || node.reason !== 'unchanged') found.set(node.key, node);
  return found;
}

function leftOut({ all, picked }: Picked): ReadonlyMap<ItemKey, Change> {
  if (all === picked) return new Map();
  const taken = new Set(picked.map(({ key }) => key));
  return new Map(all.filter(({ key }) => !taken.has(key)).map((node) => [node.key, node]));
}

function edgeChanges(nodes: Picked, at: Look): Picked {
  const byKey = touchedNodes(nodes.picked);
  const unpicked = leftOut(nodes);
  const gone = goneObjects(nodes.picked);
  const along = attachedEdges(nodes.picked, at);
  const all = withMoves(
    [
      ...desiredOf('edge', at).map((item) => blocked(followEnds(lineageChange(item, at), byKey, at, gone), unpicked)),
      ...at.leftOver.edge.map((item) => deletion(item, at, gone)),
    ],
    at,
  );
  return { all, picked: picking(all, at, along) };
}

function flowChanges(at: Look): Picked {
  const all = withMoves(
    [
      ...desiredOf('flow', at).map((item) => flowChange(item, at)),
      ...at.leftOver.flow.map((item) => deletion(item, at)),
    ],
    at,
  );
  return { all, picked: picking(all, at) };
}

function summaryOf(changes: readonly Change[]): Plan['summary'] {
  const summary: Record<string, number> = {};
  for (const { action } of changes) summary[action] = (summary[action] ?? 0) + 1;
  return summary;
}

/** What would be done now, and why: the difference between desired and known at a time. Pure, the same bytes for the same input. */
export function plan(input: PlanInput): Plan {
  const at = look(input);
  const nodes = nodeChanges(at);
  const edges = edgeChanges(nodes, at);
  const flows = flowChanges(at);
  const changes = ordered([...nodes.picked, ...edges.picked, ...flows.picked]);
  const picked = new Set(changes.map(({ key }) => key));
  const { lineage, serial, saved_at } = input.state;
  return {
    project: input.project,
    now: iso(input.now),
    next_run: iso(input.now + at.interval),
    idle_until: idleUntil(changes, at),
    base: { config_digest: input.config_digest, state: { lineage, serial, saved_at } },
    changes,
    summary: summaryOf(changes),
    vanishing: vanishingOf([...nodes.all, ...edges.all, ...flows.all], picked, at),
    guards: guardsOf(input, changes),
    fingerprint: fingerprintOf(changes),
  };
}
