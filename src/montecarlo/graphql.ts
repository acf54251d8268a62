import { isRecord, readGraphql, type Verdict } from './answer.ts';
import { DELETE_NODE, READ_NODE, UPSERT_EDGE, UPSERT_NODE } from './documents.ts';
import { type Repeat, type SendDeps, send } from './send.ts';
import type { Connection, PushResult } from './types.ts';

/** What identifies a node remotely (`NodeInput` of the API). */
export interface NodeIdentityInput {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
}

export interface NodeInputSpec extends NodeIdentityInput {
  readonly name?: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface EdgeInputSpec {
  readonly source: NodeIdentityInput;
  readonly destination: NodeIdentityInput;
  readonly edgeType: 'IS_DOWNSTREAM' | 'IS_READ_BY' | 'MODIFIES';
}

/** The mutations of custom lineage, one a request. `expireAt` is a whole date-time with offset and always sent. */
export interface GraphqlClient {
  /** Accepted: `data` is `{mcon}`. */
  upsertNode(spec: NodeInputSpec, expireAt: string): Promise<PushResult>;
  /** Accepted: `data` is `{source, destination}`, their MCONs. */
  upsertEdge(spec: EdgeInputSpec, expireAt: string): Promise<PushResult>;
  /**
   * Deletes the node and all its edges. Never sent twice: in doubt, or refused, it is looked whether the node is still
   * there, and one that is not counts as deleted. Accepted: `data` is `{mcon, objectsDeleted}`.
   */
  deleteNode(mcon: string): Promise<PushResult>;
  /** The same for a node whose deletion by an earlier run is in doubt: looks first, and deletes what is still there. */
  settleDeletion(mcon: string): Promise<PushResult>;
}

export interface GraphqlDeps extends SendDeps {
  readonly connection: Connection;
}

type Data = Readonly<Record<string, unknown>>;
/** What the tool keeps of an answer's data; null when what it must hold is missing. */
type Pick = (data: Data) => unknown;

interface Operation {
  readonly query: string;
  readonly name: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly repeat: Repeat;
  readonly resource: string | null;
  readonly pick: Pick;
}

function inside(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), value);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function identity({ objectType, objectId, resourceId, resourceName }: NodeIdentityInput): NodeIdentityInput {
  return {
    objectType,
    objectId,
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(resourceName === undefined ? {} : { resourceName }),
  };
}

function node(spec: NodeInputSpec, expireAt: string): Operation {
  const properties = Object.entries(spec.properties).map(([propertyName, propertyValue]) => ({
    propertyName,
    propertyValue,
  }));
  return {
    query: UPSERT_NODE,
    name: 'UpsertNode',
    variables: {
      ...identity(spec),
      ...(spec.name === undefined ? {} : { name: spec.name }),
      ...(properties.length === 0 ? {} : { properties }),
      expireAt,
    },
    repeat: 'upsert',
    resource: spec.resourceId ?? spec.resourceName ?? null,
    pick(data) {
      const mcon = text(inside(data, 'createOrUpdateLineageNode', 'node', 'mcon'));
      return mcon === null ? null : { mcon };
    },
  };
}

function edge({ source, destination, edgeType }: EdgeInputSpec, expireAt: string): Operation {
  return {
    query: UPSERT_EDGE,
    name: 'UpsertEdge',
    variables: { source: identity(source), destination: identity(destination), edgeType, expireAt },
    repeat: 'upsert',
    resource: source.resourceId ?? source.resourceName ?? null,
    pick(data) {
      const made = inside(data, 'createOrUpdateLineageEdge', 'edge');
      const from = text(inside(made, 'source', 'mcon'));
      const to = text(inside(made, 'destination', 'mcon'));
      return from === null || to === null ? null : { source: from, destination: to };
    },
  };
}

function deletion(mcon: string): Operation {
  return {
    query: DELETE_NODE,
    name: 'DeleteNode',
    variables: { mcon },
    repeat: 'once',
    resource: null,
    pick(data) {
      const objectsDeleted = inside(data, 'deleteLineageNode', 'objectsDeleted');
      return typeof objectsDeleted === 'number' ? { mcon, objectsDeleted } : null;
    },
  };
}

function reading(mcon: string): Operation {
  return {
    query: READ_NODE,
    name: 'ReadNode',
    variables: { mcon, direction: 'downstream' },
    repeat: 'upsert',
    resource: null,
    pick(data) {
      const found = inside(data, 'getTableLineage');
      return isRecord(found) && 'baseNode' in found ? { there: found['baseNode'] !== null } : null;
    },
  };
}

function isGone(read: PushResult): boolean {
  return read.status === 'accepted' && isRecord(read.data) && read.data['there'] === false;
}

/** What the deletion of a node comes to that is not there any more. */
function deleted(mcon: string, { traceId, attempts, httpStatus }: PushResult): PushResult {
  const data = { mcon, objectsDeleted: 0 };
  return {
    status: 'accepted',
    invocationId: null,
    httpStatus: httpStatus ?? 200,
    traceId,
    attempts,
    elapsedMs: 0,
    data,
  };
}

/** The client for custom lineage: an answer counts as accepted only when it holds what the operation must return. */
export function graphqlClient(deps: GraphqlDeps): GraphqlClient {
  const run = async ({ query, name, variables, repeat, resource, pick }: Operation): Promise<PushResult> => {
    const about = { to: 'graphql' as const, resource, hidden: [deps.connection.graphqlKey?.token ?? ''] };
    const body = Buffer.from(JSON.stringify({ query, variables, operationName: name }));
    const read = (answer: Parameters<typeof readGraphql>[0]): Verdict => {
      const verdict = readGraphql(answer, about);
      if (verdict.kind !== 'accepted') return verdict;
      const data = isRecord(verdict.data) ? pick(verdict.data) : null;
      if (data !== null) return { ...verdict, data };
      const message = `the answer to ${name} lacks what it must hold`;
      return { kind: 'doubt', code: 'MCI431', httpStatus: verdict.httpStatus, message };
    };
    const { result } = await send({ to: 'graphql', path: '', body }, { repeat, read }, deps);
    return result;
  };
  const deleteNode = async (mcon: string): Promise<PushResult> => {
    const result = await run(deletion(mcon));
    const open = result.status === 'in_doubt' || (result.status === 'refused' && result.code === 'MCI430');
    return open && isGone(await run(reading(mcon))) ? deleted(mcon, result) : result;
  };
  return {
    upsertNode: (spec, expireAt) => run(node(spec, expireAt)),
    upsertEdge: (spec, expireAt) => run(edge(spec, expireAt)),
    deleteNode,
    async settleDeletion(mcon) {
      const read = await run(reading(mcon));
      if (read.status !== 'accepted') return read.status === 'refused' ? read : { ...read, status: 'in_doubt' };
      return isGone(read) ? deleted(mcon, read) : deleteNode(mcon);
    },
  };
}
