import type { GraphNode } from './types.ts';
import type { World } from './world.ts';

/** How the API writes that a custom item never expires. */
export const NEVER = '9999-12-31T00:00:00+00:00';

/** A node in the API's words. */
export function nodeOut(world: World, node: GraphNode) {
  return {
    mcon: node.mcon,
    displayName: node.name,
    objectType: node.object_type,
    isCustom: node.custom,
    expireAt: node.custom ? (node.expire_at ?? NEVER) : null,
    hasUpstreamNodes: world.lineage.upstream(node.mcon).size > 0,
    hasDownstreamNodes: world.lineage.downstream(node.mcon).size > 0,
    jobTs: null,
  };
}
