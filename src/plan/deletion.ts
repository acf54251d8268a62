import { edgeIdentity, nodeIdentity } from './identity.ts';
import { type Look, lapsedEnd } from './look.ts';
import { HOUR, timeOf } from './schedule.ts';
import type { AppliedEdge, AppliedFlow, AppliedItem, AppliedNode, Change, ItemKey } from './types.ts';

/** Remote objects that a plan makes go away, edges and all: their identity, and which node's change does it. */
export type Gone = ReadonlyMap<string, ItemKey>;

function forget(before: AppliedItem, reason: string, effects: readonly string[] = []): Change {
  const { key, kind } = before;
  const said = effects.length === 0 ? {} : { effects };
  return { key, kind, before, action: 'forget', reason, reversibility: 'reversible', ...said };
}

const bare = (key: ItemKey): string => key.slice(key.indexOf(':') + 1);

/** The edges that go with a node, by name, for the file does not ask for them either. */
function taken(node: AppliedNode, look: Look): readonly string[] {
  const edges = look.hangingOn(nodeIdentity(node.spec)).filter(({ key }) => !look.desired.has(key));
  if (edges.length === 0) return [];
  const names = edges.map(({ key }) => bare(key)).sort();
  return [`takes ${names.length} edge${names.length === 1 ? '' : 's'} with it: ${names.join(', ')}`];
}

function nodeDeletion(before: AppliedNode, look: Look): Change {
  const identity = nodeIdentity(before.spec);
  const owner = look.owner(identity);
  if (owner !== undefined) return forget(before, 'taken_over', [`the object lives on as ${owner}`]);
  if (timeOf(before.expires_at) <= look.input.now) return forget(before, 'expired');
  const { key, kind } = before;
  const end = look.endsAt(identity);
  if (end !== undefined) {
    const effects = [`${end} ends at it: deleting it would take that edge away`];
    return { key, kind, before, action: 'keep', reason: 'end_of_a_desired_edge', reversibility: 'reversible', effects };
  }
  if (before.mcon === null) return forget(before, 'handle_unknown', ['it stays in Monte Carlo until it expires']);
  const effects = taken(before, look);
  const said = effects.length === 0 ? {} : { effects };
  return { key, kind, before, action: 'delete', reason: 'not_in_config', reversibility: 'irreversible', ...said };
}

function edgeDeletion(before: AppliedEdge, look: Look, gone: Gone): Change {
  const { key, kind, spec } = before;
  const owner = look.owner(edgeIdentity(spec));
  if (owner !== undefined) return forget(before, 'taken_over', [`the edge lives on as ${owner}`]);
  const end = lapsedEnd(before, look);
  if (end !== undefined) return forget(before, 'expired', [`went with ${end.key}, which lapsed`]);
  if (timeOf(before.expires_at) <= look.input.now) return forget(before, 'expired');
  const node = gone.get(nodeIdentity(spec.source)) ?? gone.get(nodeIdentity(spec.destination));
  const deletion = { key, kind, before, action: 'delete' } as const;
  if (node !== undefined) {
    const effects = [`goes with ${node}`];
    return { ...deletion, reason: 'goes_with_node', reversibility: 'irreversible', needs: [node], effects };
  }
  return { ...deletion, reason: 'not_in_config', reversibility: 'expires', effects: ['set to expire now'] };
}

/** A flow is only dropped; not yet where its last push holds back another flow of the same resource. */
function flowDeletion(before: AppliedFlow, look: Look): Change {
  const { resource, collect } = before.spec;
  const last = before.push.last_pushed_at;
  const until = last === null ? 0 : Date.parse(last) + HOUR;
  if (until <= look.input.now || !look.isPushed(`${resource} ${collect}`)) {
    return forget(before, look.removed.has(before.key) ? 'removed_block' : 'not_in_config');
  }
  const { key, kind } = before;
  const said = { reversibility: 'reversible', effects: ['forgotten once the hour of its last push is over'] } as const;
  return { key, kind, before, action: 'keep', reason: 'holds_the_hour', ...said };
}

/** What becomes of something that was made and that the file no longer asks for. `gone` matters to edges only. */
export function deletion(before: AppliedItem, look: Look, gone: Gone = new Map()): Change {
  if (before.kind === 'flow') return flowDeletion(before, look);
  if (look.removed.has(before.key)) return forget(before, 'removed_block');
  return before.kind === 'node' ? nodeDeletion(before, look) : edgeDeletion(before, look, gone);
}
