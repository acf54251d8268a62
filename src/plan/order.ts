import type { Action, Change, ItemKind } from './types.ts';

const KINDS: Readonly<Record<ItemKind, number>> = { node: 0, edge: 1, flow: 2 };
const ACTIONS: Readonly<Record<Action, number>> = {
  create: 0,
  update: 1,
  renew: 2,
  recreate: 3,
  replace: 4,
  push: 5,
  delete: 6,
  forget: 7,
  wait: 8,
  keep: 9,
};

/** Nodes, edges, pushes (metadata first: lineage refers to it); then what is deleted, edges before nodes; then the rest. */
function rank({ action, kind, after }: Change): number {
  const phase = ACTIONS[action] < ACTIONS.delete ? 0 : ACTIONS[action];
  const within = phase === ACTIONS.delete ? 2 - KINDS[kind] : KINDS[kind];
  const later = action === 'push' && after?.kind === 'flow' && after.spec.collect !== 'metadata' ? 1 : 0;
  return phase * 1_000 + within * 100 + ACTIONS[action] * 10 + later;
}

/** The changes in the order in which they are carried out and shown; never the order of the file. */
export function ordered(changes: readonly Change[]): readonly Change[] {
  const ranked = changes.map((change) => ({ change, rank: rank(change) }));
  ranked.sort((a, b) => a.rank - b.rank || (a.change.key < b.change.key ? -1 : a.change.key > b.change.key ? 1 : 0));
  return ranked.map(({ change }) => change);
}
