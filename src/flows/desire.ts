import type { Config, EndConfig, FlowConfig, NodeConfig } from '../config/types.ts';
import { digest } from '../plan/digest.ts';
import type { DesiredItem, EdgeSpec, FlowSpec, ItemKey, NodeIdentity, NodeSpec } from '../plan/types.ts';
import { isSecret, type Option } from '../secret.ts';

function common(item: { readonly tags: readonly string[]; readonly protect: boolean }, needs: readonly ItemKey[]) {
  return { needs, ...(item.tags.length === 0 ? {} : { tags: item.tags }), ...(item.protect ? { protect: true } : {}) };
}

function nodeSpec(node: NodeConfig): NodeSpec {
  return {
    ...endSpec(node),
    ...(node.name === undefined ? {} : { name: node.name }),
    properties: node.properties,
    expireAt: node.expireAt,
  };
}

function endSpec({ objectType, objectId, resourceId, resourceName }: EndConfig | NodeConfig): NodeIdentity {
  return {
    objectType,
    objectId,
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(resourceName === undefined ? {} : { resourceName }),
  };
}

/** Options without secrets: what they are must neither be stored nor decide that a flow is pushed again. */
function plain(option: Option): unknown {
  if (isSecret(option)) return undefined;
  if (Array.isArray(option)) return option.map(plain);
  if (typeof option !== 'object' || option === null) return option;
  return Object.fromEntries(Object.entries(option).map(([name, value]) => [name, plain(value)]));
}

function flowSpec(flow: FlowConfig): FlowSpec {
  const { source, collect, resource, every, full_every, lag, log_type, batch, compression, options } = flow;
  return {
    source: source.name,
    collect,
    resource: resource.uuid,
    resource_type: collect === 'query_logs' ? (log_type ?? resource.resource_type) : resource.resource_type,
    every,
    ...(full_every === undefined ? {} : { full_every }),
    ...(lag === undefined ? {} : { lag }),
    options: digest([source.type, plain(source.options), plain(options), batch, compression]),
  };
}

/** Lineage refers to tables: it comes after the metadata of the same source and resource. */
function flowNeeds(flow: FlowConfig, flows: readonly FlowConfig[]): readonly ItemKey[] {
  if (!flow.collect.endsWith('_lineage')) return [];
  return flows
    .filter(
      (other) =>
        other.collect === 'metadata' &&
        other.source.name === flow.source.name &&
        other.resource.uuid === flow.resource.uuid,
    )
    .map((other) => `flow:${other.name}` as const);
}

/** What the file asks for, as the planner compares it. */
export function desire(config: Config): readonly DesiredItem[] {
  const nodes = config.nodes.map(
    (node): DesiredItem => ({ ...common(node, []), kind: 'node', key: `node:${node.key}`, spec: nodeSpec(node) }),
  );
  const edges = config.edges.map((edge): DesiredItem => {
    const needs = [edge.from, edge.to].flatMap(({ node }) => (node === undefined ? [] : [`node:${node}` as const]));
    const spec: EdgeSpec = {
      source: endSpec(edge.from),
      destination: endSpec(edge.to),
      edgeType: edge.edgeType,
      expireAt: edge.expireAt,
    };
    return { ...common(edge, needs), kind: 'edge', key: `edge:${edge.key}`, spec };
  });
  const flows = config.flows.map(
    (flow): DesiredItem => ({
      ...common(flow, flowNeeds(flow, config.flows)),
      kind: 'flow',
      key: `flow:${flow.name}`,
      spec: flowSpec(flow),
    }),
  );
  return [...nodes, ...edges, ...flows];
}
