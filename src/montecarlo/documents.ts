/** The mutations of custom lineage, in the terms of the vendor's schema. Values always go as variables. */
export const UPSERT_NODE = `mutation UpsertNode($objectType: String!, $objectId: String!, $resourceId: UUID, $resourceName: String, $name: String, $properties: [ObjectPropertyInput], $expireAt: DateTime) {
  createOrUpdateLineageNode(objectType: $objectType, objectId: $objectId, resourceId: $resourceId, resourceName: $resourceName, name: $name, properties: $properties, expireAt: $expireAt) {
    node { mcon displayName objectType isCustom expireAt }
  }
}`;

export const UPSERT_EDGE = `mutation UpsertEdge($source: NodeInput!, $destination: NodeInput!, $edgeType: EdgeType, $expireAt: DateTime) {
  createOrUpdateLineageEdge(source: $source, destination: $destination, edgeType: $edgeType, expireAt: $expireAt) {
    edge { source { mcon displayName objectType } destination { mcon displayName objectType } isCustom expireAt }
  }
}`;

export const DELETE_NODE = `mutation DeleteNode($mcon: String!) {
  deleteLineageNode(mcon: $mcon) { objectsDeleted nodesDeleted edgesDeleted }
}`;

/** Whether a node is there: the base of its own lineage. */
export const READ_NODE = `query ReadNode($mcon: String!, $direction: String!) {
  getTableLineage(mcon: $mcon, direction: $direction, hops: 1, limit: 1) {
    baseNode { mcon }
  }
}`;
