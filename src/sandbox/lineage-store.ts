import type { Clock } from './clock.ts';
import { isUuid, mconOf, uuidOf } from './identity.ts';
import type { ColumnEdge, GraphEdge, GraphNode, Vanished } from './types.ts';

/** One end of an edge, in the API's spelling (`NodeInput`). */
export interface NodeInput {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string | null | undefined;
  readonly resourceName?: string | null | undefined;
}

const VANISHED = 500;
const edgeKey = (edge: Pick<GraphEdge, 'source' | 'destination'>): string => `${edge.source}\n${edge.destination}`;

/** The object id of a handle. */
export const tail = (mcon: string): string => mcon.split('++').slice(4).join('++');
export const isTable = (objectType: string): boolean => objectType === 'table' || objectType === 'view';

/** The later of two ends of life; null is never. */
function later(one: string | null, other: string | null): string | null {
  return one === null || other === null ? null : Date.parse(one) > Date.parse(other) ? one : other;
}

/** The lineage graph: table and custom nodes, edges, column mappings, each with its end of life. */
export class LineageStore {
  readonly nodes = new Map<string, GraphNode>();
  readonly edges = new Map<string, GraphEdge>();
  readonly columns = new Map<string, ColumnEdge>();
  readonly vanished: Vanished[] = [];
  readonly #down = new Map<string, Map<string, GraphEdge>>();
  readonly #up = new Map<string, Map<string, GraphEdge>>();
  readonly #clock: Clock;
  readonly #defaultResource: string;
  /** Nothing lapses before this: saves looking through everything at each read. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, defaultResource: string) {
    this.#clock = clock;
    this.#defaultResource = defaultResource;
  }

  clear(): void {
    for (const map of [this.nodes, this.edges, this.columns, this.#down, this.#up]) map.clear();
    this.vanished.length = 0;
    this.#soonest = Number.POSITIVE_INFINITY;
  }

  /** The same objectType, objectId and resource are the same node; a table and a view of one name are one. */
  mcon(input: NodeInput): string {
    const { objectType, objectId, resourceId, resourceName } = input;
    const named = resourceName ? uuidOf(`resource ${resourceName}`) : this.#defaultResource;
    const resource = isUuid(resourceId) ? resourceId.toLowerCase() : named;
    const direct = mconOf(resource, objectType, objectId);
    if (this.nodes.has(direct) || !isTable(objectType)) return direct;
    const other = mconOf(resource, objectType === 'table' ? 'view' : 'table', objectId);
    return this.nodes.has(other) ? other : direct;
  }

  /** The edges that leave a node, by where they lead. */
  downstream(mcon: string): ReadonlyMap<string, GraphEdge> {
    return this.#down.get(mcon) ?? new Map();
  }

  /** The edges that lead to a node, by where they come from. */
  upstream(mcon: string): ReadonlyMap<string, GraphEdge> {
    return this.#up.get(mcon) ?? new Map();
  }

  /** Creates a node, or replaces it. */
  upsert(node: GraphNode): GraphNode {
    this.nodes.set(node.mcon, node);
    this.#watch(node.expire_at);
    return node;
  }

  /** A node that only took part in lineage so far. One that edges made lives as long as the longest of them. */
  ensure(mcon: string, expire_at: string | null = null): GraphNode {
    const known = this.nodes.get(mcon);
    if (known !== undefined)
      return known.implied === true ? this.upsert({ ...known, expire_at: later(known.expire_at, expire_at) }) : known;
    const [, , resource = '', object_type = 'table'] = mcon.split('++');
    const object_id = tail(mcon);
    const custom = !isTable(object_type);
    const life = custom ? { implied: true, expire_at } : { expire_at: null };
    return this.upsert({ mcon, object_type, object_id, resource, name: object_id, properties: [], custom, ...life });
  }

  connect(edge: GraphEdge): void {
    this.ensure(edge.source, edge.expire_at);
    this.ensure(edge.destination, edge.expire_at);
    const known = this.edges.get(edgeKey(edge));
    // What was pushed never lapses: a custom edge beside it changes its kind, not its life.
    const kept =
      known !== undefined && !known.custom && edge.custom ? { ...edge, custom: false, expire_at: null } : edge;
    const stored = { ...kept, since: known?.since ?? edge.since };
    this.edges.set(edgeKey(edge), stored);
    index(this.#down, edge.source).set(edge.destination, stored);
    index(this.#up, edge.destination).set(edge.source, stored);
    this.#watch(stored.expire_at);
  }

  map(column: ColumnEdge): void {
    const key = `${column.destination}\n${column.column}\n${column.source}\n${column.source_column}`;
    this.columns.set(key, { ...column, since: this.columns.get(key)?.since ?? column.since });
    this.#watch(column.expire_at);
  }

  /** Deletes a node and all its edges; which edges those were. Null: no such node. */
  remove(mcon: string): readonly GraphEdge[] | null {
    if (!this.nodes.delete(mcon)) return null;
    const gone = [...new Set([...this.downstream(mcon).values(), ...this.upstream(mcon).values()])];
    for (const edge of gone) this.#disconnect(edge);
    return gone;
  }

  /** Lets go of what has lapsed by now; what that was, oldest first. Called before every read. */
  expire(): readonly Vanished[] {
    const now = this.#clock.now();
    if (now < this.#soonest) return [];
    this.#soonest = Number.POSITIVE_INFINITY;
    const gone: Vanished[] = [];
    const lapsed = (at: string | null): at is string => {
      if (at !== null && Date.parse(at) <= now) return true;
      this.#watch(at);
      return false;
    };
    for (const edge of [...this.edges.values()])
      if (lapsed(edge.expire_at)) gone.push(this.#lapse(edge, edge.expire_at));
    this.#expireColumns(lapsed, gone);
    for (const { mcon, object_id, expire_at } of [...this.nodes.values()])
      if (lapsed(expire_at)) {
        for (const edge of this.remove(mcon) ?? []) gone.push(this.#lapse(edge, expire_at));
        gone.push({ what: 'node', label: object_id, expired_at: expire_at });
      }
    gone.sort((a, b) => Date.parse(a.expired_at) - Date.parse(b.expired_at));
    this.vanished.push(...gone.slice(-VANISHED));
    if (this.vanished.length > VANISHED) this.vanished.splice(0, this.vanished.length - VANISHED);
    return gone;
  }

  #expireColumns(lapsed: (at: string | null) => at is string, gone: Vanished[]): void {
    for (const [key, { source, source_column, destination, column, expire_at }] of this.columns)
      if (lapsed(expire_at)) {
        this.columns.delete(key);
        const label = `${tail(source)}.${source_column} → ${tail(destination)}.${column}`;
        gone.push({ what: 'column', label, expired_at: expire_at });
      }
  }

  #lapse(edge: GraphEdge, expired_at: string): Vanished {
    this.#disconnect(edge);
    return { what: 'edge', label: `${tail(edge.source)} → ${tail(edge.destination)}`, expired_at };
  }

  #disconnect(edge: GraphEdge): void {
    this.edges.delete(edgeKey(edge));
    this.#down.get(edge.source)?.delete(edge.destination);
    this.#up.get(edge.destination)?.delete(edge.source);
  }

  #watch(expire_at: string | null): void {
    if (expire_at !== null) this.#soonest = Math.min(this.#soonest, Date.parse(expire_at));
  }
}

function index(map: Map<string, Map<string, GraphEdge>>, mcon: string): Map<string, GraphEdge> {
  const known = map.get(mcon);
  if (known !== undefined) return known;
  const made = new Map<string, GraphEdge>();
  map.set(mcon, made);
  return made;
}
