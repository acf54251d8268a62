import type { Gone } from './deletion.ts';
import { expiresAt } from './expiry.ts';
import { edgeIdentity, nodeIdentity, sameIdentity } from './identity.ts';
import { type Look, lapsedEnd } from './look.ts';
import { timeOf } from './schedule.ts';
import type { Change, ItemKey } from './types.ts';

/** Changes of nodes, by key; nodes that stay as they are may be left out. */
type Nodes = ReadonlyMap<ItemKey, Change>;

/** The objects that these changes of nodes delete, with all the edges that hang on them. */
export function goneObjects(nodes: Iterable<Change>): Gone {
  const gone = new Map<string, ItemKey>();
  for (const { key, action, reason, before, taken_by } of nodes) {
    if (before?.kind !== 'node' || before.mcon === null || taken_by !== undefined) continue;
    const replaced = action === 'replace' && reason === 'identity_changed';
    if (action === 'delete' || replaced) gone.set(nodeIdentity(before.spec), key);
  }
  return gone;
}

function isReplaced(edge: Change, nodes: Nodes): boolean {
  return (edge.needs ?? []).some((need) => {
    const end = nodes.get(need);
    return end?.action === 'replace' && end.reason === 'identity_changed';
  });
}

/** Why an edge that would otherwise stay is made again: it hung on an object that is no longer there. */
function remade(edge: Change, nodes: Nodes, look: Look): string | null {
  if (edge.before?.kind !== 'edge') return null;
  if (isReplaced(edge, nodes)) return 'end_replaced';
  const created = (edge.needs ?? []).some((need) => nodes.get(need)?.action === 'create');
  return created || lapsedEnd(edge.before, look) !== undefined ? 'end_recreated' : null;
}

function isDead(node: Change | undefined, look: Look): boolean {
  if (node === undefined) return false;
  const { reason, expires_at } = node;
  return reason === 'expired_as_declared' || (expires_at !== undefined && timeOf(expires_at) <= look.input.now);
}

/** An end that lapsed for good, as its date says: the edge is not made anew, and not renewed. */
function withDeadEnd(edge: Change, nodes: Nodes, look: Look): Change | null {
  const dead = edge.needs?.find((need) => isDead(nodes.get(need), look));
  if (dead === undefined) return null;
  const { fields: _fields, expires_at: _expires, ...rest } = edge;
  const effects = [`${dead} has lapsed`];
  return { ...rest, action: 'keep', reason: 'end_expired_as_declared', reversibility: 'reversible', effects };
}

function withNewEnds(edge: Change, nodes: Nodes, look: Look, gone: Gone): Change {
  const { before } = edge;
  const endReplaced = isReplaced(edge, nodes);
  const reason = endReplaced ? 'end_replaced' : edge.reason;
  if (before?.kind !== 'edge') return edge;
  const { source, destination } = before.spec;
  const goes = gone.has(nodeIdentity(source)) || gone.has(nodeIdentity(destination));
  if (goes || look.owner(edgeIdentity(before.spec)) !== undefined) return { ...edge, reason };
  return {
    ...edge,
    action: 'replace',
    reason: endReplaced ? reason : 'identity_changed',
    reversibility: 'expires',
    effects: ['the old edge is set to expire now'],
  };
}

/** Whether anything happens to the ends of an edge, now or since it was made. */
function touched(edge: Change, nodes: Nodes, look: Look): boolean {
  if (look.lapsed().size > 0) return true;
  return nodes.size > 0 && (edge.needs ?? []).some((need) => nodes.has(need));
}

/**
 * An edge after the changes of its ends. Ends that became other objects: made anew, and where nothing takes the old edge
 * away it is set to expire. An end that was made again: the edge is made again, for it went with its end.
 */
export function followEnds(edge: Change, nodes: Nodes, look: Look, gone: Gone): Change {
  const { after, before } = edge;
  if (after?.kind !== 'edge') return edge;
  if (edge.action === 'keep' && edge.reason === 'unchanged' && !touched(edge, nodes, look)) return edge;
  const elsewhere = before !== undefined && !sameIdentity(before, after);
  const dead = elsewhere ? null : withDeadEnd(edge, nodes, look);
  if (dead !== null || before === undefined) return dead ?? edge;
  if (edge.action === 'update' && elsewhere) return withNewEnds(edge, nodes, look, gone);
  if (edge.action !== 'keep' && edge.action !== 'renew') return edge;
  const reason = edge.reason === 'expired_as_declared' ? null : remade(edge, nodes, look);
  if (reason === null) return edge;
  const { fields: _, ...rest } = edge;
  return { ...rest, action: 'recreate', reason, expires_at: expiresAt(after.spec.expireAt, look.input.now) };
}

/** Says of a replaced node which edges move with it. */
export function namingEdges(node: Change, look: Look): Change {
  if (node.action !== 'replace' || node.reason !== 'identity_changed') return node;
  const edges = look
    .needing(node.key)
    .filter((key) => look.known.has(key))
    .toSorted();
  if (edges.length === 0) return node;
  const moves = `moves ${edges.length} edge${edges.length === 1 ? '' : 's'}: ${edges.map((key) => key.slice('edge:'.length)).join(', ')}`;
  return { ...node, effects: [...(node.effects ?? []), moves] };
}
