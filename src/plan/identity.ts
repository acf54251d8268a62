import type { AppliedItem, DesiredItem, EdgeSpec, NodeIdentity } from './types.ts';

/** One text for what identifies a node remotely: `objectType`, `objectId` and the resource. Lengths keep parts apart. */
export function nodeIdentity({ objectType, objectId, resourceId, resourceName }: NodeIdentity): string {
  const where = resourceId === undefined ? '' : `#${resourceId}`;
  return `${objectType.length}.${objectId.length}.${where.length} ${objectType} ${objectId} ${where} ${resourceName ?? '\u0000'}`;
}

/** One text for what identifies an edge remotely: its two ends. */
export function edgeIdentity({ source, destination }: Pick<EdgeSpec, 'source' | 'destination'>): string {
  const first = nodeIdentity(source);
  return `${first.length} ${first} ${nodeIdentity(destination)}`;
}

function sameNode(a: NodeIdentity, b: NodeIdentity): boolean {
  return (
    a.objectId === b.objectId &&
    a.objectType === b.objectType &&
    a.resourceId === b.resourceId &&
    a.resourceName === b.resourceName
  );
}

/** Whether both are the same remote object. Flows have no identity but their key. */
export function sameIdentity(a: AppliedItem, b: DesiredItem): boolean {
  if (a.kind === 'node') return b.kind === 'node' && sameNode(a.spec, b.spec);
  if (a.kind === 'edge')
    return (
      b.kind === 'edge' && sameNode(a.spec.source, b.spec.source) && sameNode(a.spec.destination, b.spec.destination)
    );
  return true;
}
