import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseExact } from './exact.ts';
import type { Received, Reply } from './http.ts';
import { ingest } from './ingest.ts';
import { keyRefusal, resourceRefusal } from './keys.ts';
import type { Arrival, Sandbox } from './sandbox.ts';
import { bodyWrong, type Fields, isObject, list } from './shapes.ts';
import type { EndpointName, Rejected, RequestRecord } from './types.ts';

/** The most a push may weigh as sent (the gateway's limit). */
export const PUSH_LIMIT = 1_000_000;
/** The vendor names none for GraphQL: enough for 1,000 MCONs a call, many times over. */
export const GRAPHQL_LIMIT = 8_000_000;

/** One request, read. */
export interface Incoming {
  readonly endpoint: EndpointName;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly received: Received;
}

/** A reply, and what is put on record of it. */
export interface Handled extends Arrival {
  readonly reply: Reply;
}

const json = (status: number, body: unknown): Reply => ({ status, text: JSON.stringify(body) });

function recordOf(sandbox: Sandbox, incoming: Incoming, parsed: Fields | null): RequestRecord {
  const { endpoint, path, headers, received } = incoming;
  const resource = parsed === null || !isObject(parsed['resource']) ? null : parsed['resource']['uuid'];
  const trace = headers['x-mcd-trace-id'];
  return {
    at: sandbox.world.clock.iso(),
    endpoint,
    path,
    http_status: 0,
    invocation_id: null,
    trace_id: typeof trace === 'string' ? trace.slice(0, 200) : null,
    events: parsed === null ? 0 : list(parsed['events']).length,
    bytes: received.bytes,
    resource: typeof resource === 'string' ? resource : null,
    ...(received.ok ? { body: received.text } : {}),
  };
}

interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly checkpoint: Rejected['checkpoint'];
  readonly event?: unknown;
}

function refuse(record: RequestRecord, { status, reason, checkpoint, event }: Refused): Handled {
  const { at, endpoint, resource } = record;
  const facts = { at, endpoint, invocation_id: null, http_status: status, reason, checkpoint, resource };
  const message = endpoint === 'graphql' ? { errors: [{ message: reason }] } : { message: reason };
  return {
    reply: json(status, message),
    record: { ...record, http_status: status, error: reason },
    rejected: event === undefined ? facts : { ...facts, event },
  };
}

function parsedOf({ received }: Incoming): unknown {
  if (!received.ok) return undefined;
  try {
    return parseExact(received.text);
  } catch {
    return undefined;
  }
}

/** What every endpoint checks before it looks into a body. */
function atTheDoor(sandbox: Sandbox, incoming: Incoming, parsed: unknown): Refused | null {
  const scope = incoming.endpoint === 'graphql' ? 'API' : 'Ingestion';
  const key = keyRefusal(sandbox.world, incoming.headers, scope);
  if (key !== null) return key;
  if (!incoming.received.ok) return { ...incoming.received, checkpoint: 1 };
  return parsed === undefined ? { status: 400, reason: 'the body is not JSON', checkpoint: 1 } : null;
}

/** Takes a push: refused at the door, or 202 with a new invocation id and on to the normalizer. */
export function handlePush(sandbox: Sandbox, incoming: Incoming): Handled {
  const parsed = parsedOf(incoming);
  const body = isObject(parsed) ? parsed : null;
  const record = recordOf(sandbox, incoming, body);
  const { world } = sandbox;
  const door = atTheDoor(sandbox, incoming, parsed) ?? resourceRefusal(world, incoming.headers, parsed);
  if (door !== null) return refuse(record, door);
  const wrong = bodyWrong(incoming.path, parsed);
  if (wrong !== null || body === null)
    return refuse(record, { status: 400, checkpoint: 1, ...(wrong ?? { reason: 'the body has to be a JSON object' }) });
  const invocation_id = randomUUID();
  ingest(world, { path: incoming.path, body, invocation_id });
  return {
    reply: json(202, { invocation_id }),
    record: { ...record, http_status: 202, invocation_id },
    again: incoming.received.ok ? incoming.received.text : undefined,
  };
}

function firstError(reply: Fields): string | undefined {
  const [error] = list(reply['errors']);
  return isObject(error) ? String(error['message']) : undefined;
}

/** Executes a GraphQL request; what is wrong with it comes as `errors` with HTTP 200. */
export function handleGraphql(sandbox: Sandbox, incoming: Incoming): Handled {
  const parsed = parsedOf(incoming);
  const record = recordOf(sandbox, incoming, null);
  const door = atTheDoor(sandbox, incoming, parsed);
  if (door !== null) return refuse(record, door);
  const { reply, operation, mutates } = sandbox.execute(parsed);
  const error = firstError(reply);
  return {
    reply: json(200, reply),
    record: { ...record, http_status: 200, operation, ...(error === undefined ? {} : { error }) },
    again: mutates && incoming.received.ok ? incoming.received.text : undefined,
  };
}

/** The answer to a call whose `x-mcd-idempotent-id` is that of one still running. */
export function inProgress(sandbox: Sandbox, incoming: Incoming): Handled {
  const message = 'a request with this id is in progress';
  return {
    reply: json(200, { errors: [{ message, extensions: { code: 'REQUEST_IN_PROGRESS' } }] }),
    record: { ...recordOf(sandbox, incoming, null), http_status: 200, error: message },
  };
}

/** A request that a fault answers: nothing of it is taken. */
export function untouched(sandbox: Sandbox, incoming: Incoming, reply: Reply | null): Handled {
  const parsed = parsedOf(incoming);
  const record = recordOf(sandbox, incoming, isObject(parsed) ? parsed : null);
  const http_status = reply?.status ?? null;
  return { reply: reply ?? json(500, {}), record: { ...record, http_status, error: 'a fault was asked for' } };
}
