import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GRAPHQL_LIMIT,
  type Handled,
  handleGraphql,
  handlePush,
  type Incoming,
  inProgress,
  PUSH_LIMIT,
  untouched,
} from './endpoints.ts';
import type { Fault } from './faults.ts';
import { type Reply, receive, send } from './http.ts';
import { keep, type Sandbox } from './sandbox.ts';
import type { EndpointName } from './types.ts';

function faultText(body: unknown): string {
  if (body === undefined) return JSON.stringify({ message: 'a fault was asked for' });
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** The reply as a fault changes it. */
function changed(reply: Reply, fault: Fault | null): Reply {
  if (fault === null) return reply;
  return {
    status: fault.status ?? reply.status,
    text: fault.body === undefined ? reply.text : faultText(fault.body),
    headers: { ...reply.headers, ...fault.headers },
  };
}

function work(sandbox: Sandbox, incoming: Incoming, fault: Fault | null): Handled {
  if (fault?.drop === 'before') return untouched(sandbox, incoming, null);
  const refuses = fault?.drop === undefined && fault?.status !== undefined && fault.status >= 300;
  if (refuses) {
    const plain = { status: fault.status, text: faultText(fault.body), headers: fault.headers ?? {} };
    return untouched(sandbox, incoming, plain);
  }
  const handled = incoming.endpoint === 'graphql' ? handleGraphql(sandbox, incoming) : handlePush(sandbox, incoming);
  const reply = changed(handled.reply, fault);
  const http_status = fault?.drop === 'after' ? null : reply.status;
  return { ...handled, reply, record: { ...handled.record, http_status } };
}

/** The id under which a GraphQL call must not run twice at a time. */
function idempotentId(request: IncomingMessage): string | null {
  const id = request.headers['x-mcd-idempotent-id'];
  return typeof id === 'string' ? id : null;
}

/** Reads one request of the API, lets faults happen, answers, and keeps what came of it. */
export async function exchange(
  sandbox: Sandbox,
  {
    request,
    response,
    endpoint,
    path,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly endpoint: EndpointName;
    readonly path: string;
  },
): Promise<void> {
  const received = await receive(request, endpoint === 'graphql' ? GRAPHQL_LIMIT : PUSH_LIMIT);
  const incoming: Incoming = { endpoint, path, headers: request.headers, received };
  const id = endpoint === 'graphql' ? idempotentId(request) : null;
  if (id !== null && sandbox.running.has(id)) {
    const handled = inProgress(sandbox, incoming);
    keep(sandbox, handled);
    send(response, handled.reply);
    return;
  }
  const fault = sandbox.faults.next(endpoint);
  if (id !== null) sandbox.running.add(id);
  try {
    if (fault?.delay_ms !== undefined) await sleep(fault.delay_ms);
    const handled = sandbox.world.clock.still(() => {
      const done = work(sandbox, incoming, fault);
      keep(sandbox, done);
      return done;
    });
    if (fault?.drop === undefined) send(response, handled.reply);
    else response.destroy();
  } finally {
    if (id !== null) sandbox.running.delete(id);
  }
}
