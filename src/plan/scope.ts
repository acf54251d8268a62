import { nodeIdentity } from './identity.ts';
import type { Look } from './look.ts';
import type { Change, ItemKey } from './types.ts';

/** Whether a change was picked, under its name or the one it had. */
export function isPicked({ key, moved_from }: Change, look: Look): boolean {
  const { selected } = look.input;
  return selected === undefined || selected.has(key) || (moved_from !== undefined && selected.has(moved_from));
}

function attached(node: Change, look: Look): readonly ItemKey[] {
  const { key, action, reason, before, moved_from } = node;
  const again = action === 'replace' || (action === 'recreate' && reason === 'expired') || moved_from !== undefined;
  const hanging =
    before?.kind === 'node' && (again || action === 'delete')
      ? look.hangingOn(nodeIdentity(before.spec)).map((edge) => edge.key)
      : [];
  return again ? [...hanging, ...look.needing(key).filter((edge) => look.known.has(edge))] : hanging;
}

/** Edges that come along although they were not picked: what happens to their node happens to them. */
export function attachedEdges(nodes: readonly Change[], look: Look): ReadonlySet<ItemKey> {
  const found = new Set<ItemKey>();
  if (look.input.selected !== undefined)
    for (const node of nodes) for (const key of attached(node, look)) found.add(key);
  return found;
}

const UNDONE = new Set(['create', 'recreate', 'replace']);

/** An edge whose node is still to be made and was not picked cannot be made: it is kept as it is, and says why. */
export function blocked(edge: Change, unpicked: ReadonlyMap<ItemKey, Change>): Change {
  if (unpicked.size === 0 || edge.action === 'delete' || edge.action === 'forget' || edge.action === 'keep')
    return edge;
  const need = edge.needs?.find((key) => UNDONE.has(unpicked.get(key)?.action ?? ''));
  if (need === undefined) return edge;
  const { fields: _fields, expires_at: _expires, effects: _effects, ...rest } = edge;
  const effects = [`needs ${need}, which is not selected: --select +${edge.key} takes it along`];
  return { ...rest, action: 'keep', reason: 'needs_unselected', reversibility: 'reversible', effects };
}
