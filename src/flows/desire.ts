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

type Place = Pick<FlowConfig, 'source' | 'resource'>;

const placeOf = ({ source, resource }: Place): string => `${resource.uuid} ${source.name}`;

/** Metadata flows by resource and source. */
function metadataFlows(flows: readonly FlowConfig[]): ReadonlyMap<string, readonly ItemKey[]> {
  const found = new Map<string, ItemKey[]>();
  for (const flow of flows)
    if (flow.collect === 'metadata')
      found.set(placeOf(flow), [...(found.get(placeOf(flow)) ?? []), `flow:${flow.name}`]);
  return found;
}

/** Lineage refers to tables: it comes after the metadata of the same source and resource. */
function flowNeeds(flow: FlowConfig, metadata: ReadonlyMap<string, readonly ItemKey[]>): readonly ItemKey[] {
  return flow.collect.endsWith('_lineage') ? (metadata.get(placeOf(flow)) ?? []) : [];
}

function isKey(text: string): text is ItemKey {
  return /^(node|edge|flow):./s.test(text);
}

/** Which items were renamed. What is no key was refused by the configuration's schema. */
export function renames({ moved }: Config): readonly { readonly from: ItemKey; readonly to: ItemKey }[] {
  return moved.flatMap(({ from, to }) => (isKey(from) && isKey(to) ? [{ from, to }] : []));
}

/** Which items are to be forgotten. */
export function forgotten({ removed }: Config): readonly ItemKey[] {
  return removed.filter(isKey);
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
  const metadata = metadataFlows(config.flows);
  const flows = config.flows.map(
    (flow): DesiredItem => ({
      ...common(flow, flowNeeds(flow, metadata)),
      kind: 'flow',
      key: `flow:${flow.name}`,
      spec: flowSpec(flow),
    }),
  );
  return [...nodes, ...edges, ...flows];
}
