import type { Clock } from './clock.ts';
import { isUuid, mconOf, uuidOf } from './identity.ts';
import type { ColumnEdge, GraphEdge, GraphNode, Vanished } from './types.ts';

/** One end of an edge, in the API's spelling (`NodeInput`). */
export interface NodeInput {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string | null;
  readonly resourceName?: string | null;
}

const edgeKey = (edge: Pick<GraphEdge, 'source' | 'destination'>): string => `${edge.source}\n${edge.destination}`;
const tail = (mcon: string): string => mcon.split('++').slice(4).join('++');

/** The lineage graph: table and custom nodes, edges, column mappings, each with its end of life. */
export class LineageStore {
  readonly nodes = new Map<string, GraphNode>();
  readonly edges = new Map<string, GraphEdge>();
  readonly columns = new Map<string, ColumnEdge>();
  readonly vanished: Vanished[] = [];
  readonly #clock: Clock;
  readonly #defaultResource: string;

  constructor(clock: Clock, defaultResource: string) {
    this.#clock = clock;
    this.#defaultResource = defaultResource;
  }

  clear(): void {
    for (const map of [this.nodes, this.edges, this.columns]) map.clear();
    this.vanished.length = 0;
  }

  /** The same objectType, objectId and resource are the same node. */
  mcon(input: NodeInput): string {
    const { objectType, objectId, resourceId, resourceName } = input;
    const resource = isUuid(resourceId)
      ? resourceId
      : resourceName
        ? uuidOf(`resource ${resourceName}`)
        : this.#defaultResource;
    const direct = mconOf(resource, objectType, objectId);
    if (this.nodes.has(direct) || (objectType !== 'table' && objectType !== 'view')) return direct;
    const other = mconOf(resource, objectType === 'table' ? 'view' : 'table', objectId);
    return this.nodes.has(other) ? other : direct;
  }

  /** Creates a node, or updates what is given. */
  upsert(node: GraphNode): GraphNode {
    this.nodes.set(node.mcon, node);
    return node;
  }

  /** A node that only took part in lineage so far. */
  ensure(mcon: string, custom: GraphNode | null = null): void {
    if (this.nodes.has(mcon)) return;
    const [, , resource = '', object_type = 'table'] = mcon.split('++');
    const object_id = tail(mcon);
    const plain = { mcon, object_type, object_id, resource, name: object_id, properties: [], expire_at: null };
    this.nodes.set(mcon, custom ?? { ...plain, custom: object_type !== 'table' && object_type !== 'view' });
  }

  connect(edge: GraphEdge): void {
    this.ensure(edge.source);
    this.ensure(edge.destination);
    const known = this.edges.get(edgeKey(edge));
    // A push of table lineage does not make a custom edge out of itself, and never shortens a life.
    if (known !== undefined && !edge.custom && known.custom) return;
    this.edges.set(edgeKey(edge), edge);
  }

  map(column: ColumnEdge): void {
    this.columns.set(`${column.destination}\n${column.column}\n${column.source}\n${column.source_column}`, column);
  }

  /** Deletes a node and all its edges; how many of both. Null: no such node. */
  remove(mcon: string): { readonly nodes: number; readonly edges: number } | null {
    if (!this.nodes.delete(mcon)) return null;
    let edges = 0;
    for (const [key, edge] of this.edges)
      if (edge.source === mcon || edge.destination === mcon) {
        this.edges.delete(key);
        edges += 1;
      }
    return { nodes: 1, edges };
  }

  /** Lets go of what has lapsed by now; what that was, oldest first. Called before every read. */
  expire(): readonly Vanished[] {
    const now = this.#clock.now();
    const gone: Vanished[] = [];
    const lapsed = (at: string | null): at is string => at !== null && Date.parse(at) <= now;
    for (const [key, { source, destination, expire_at }] of this.edges)
      if (lapsed(expire_at)) {
        this.edges.delete(key);
        gone.push({ what: 'edge', label: `${tail(source)} → ${tail(destination)}`, expired_at: expire_at });
      }
    for (const [key, { source, source_column, destination, column, expire_at }] of this.columns)
      if (lapsed(expire_at)) {
        this.columns.delete(key);
        const label = `${tail(source)}.${source_column} → ${tail(destination)}.${column}`;
        gone.push({ what: 'column', label, expired_at: expire_at });
      }
    for (const { mcon, object_id, expire_at } of [...this.nodes.values()])
      if (lapsed(expire_at)) {
        this.remove(mcon);
        gone.push({ what: 'node', label: object_id, expired_at: expire_at });
      }
    gone.sort((a, b) => (a.expired_at < b.expired_at ? -1 : 1));
    this.vanished.unshift(...gone.toReversed());
    this.vanished.length = Math.min(this.vanished.length, 500);
    return gone;
  }
}
