import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McIngestError } from '../errors.ts';
import { control } from './control.ts';
import { parseExact, printExact } from './exact.ts';
import { exchange } from './exchange.ts';
import { hostRefused } from './host.ts';
import { type Reply, receive, send } from './http.ts';
import { makeKey } from './keys.ts';
import { item, overview } from './page-data.ts';
import { openSandbox, RESOURCE, type Sandbox } from './sandbox.ts';
import { isPush } from './shapes.ts';
import { page } from './static.ts';
import type { EndpointName } from './types.ts';

const CONTROL = '/_sandbox/';
const CONTROL_LIMIT = 1_000_000;
/** How long open requests get to end when the server is told to. */
const GRACE_MS = 2_000;

export interface ServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly data?: string | undefined;
  readonly delays: 'contract' | 'none';
  readonly now: () => number;
}

/** A sandbox that is up: where it is, and the environment with which the tool finds it. */
export interface RunningSandbox {
  readonly endpoint: string;
  readonly graphql_endpoint: string;
  readonly page: string;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const problem = (status: number, message: string): Reply => ({ status, text: JSON.stringify({ message }) });

function endpointName(path: string): EndpointName {
  const [, , , name] = path.split('/');
  return name === 'metadata' || name === 'lineage' || name === 'querylogs' || name === 'etl' ? name : 'bi';
}

/** The page and the control endpoints. */
async function own(sandbox: Sandbox, request: IncomingMessage, url: URL): Promise<Reply> {
  const method = request.method ?? 'GET';
  const path = url.pathname;
  const file = method === 'GET' ? page(path) : null;
  if (file !== null) return file;
  if (!path.startsWith(CONTROL)) return problem(404, `there is nothing at ${path}`);
  const name = path.slice(CONTROL.length);
  if (method === 'GET' && name === 'overview')
    return { status: 200, text: printExact(overview(sandbox.world, url.searchParams.get('since'))) };
  if (method === 'GET' && name === 'item') {
    const found = item(sandbox.world, url.searchParams, parseExact);
    return found === null ? problem(404, 'this is gone') : { status: 200, text: printExact(found) };
  }
  const received = await receive(request, CONTROL_LIMIT);
  if (!received.ok) return problem(received.status, received.reason);
  return control(sandbox, { method, name, body: received.text }) ?? problem(404, `there is nothing at ${path}`);
}

/** What is wrong with the way a path was asked; null: it goes on. */
function methodWrong(request: IncomingMessage): Reply | null {
  if (request.method === 'POST') return null;
  return { ...problem(405, 'this endpoint takes POST'), headers: { allow: 'POST' } };
}

async function route(
  sandbox: Sandbox,
  host: string,
  [request, response]: [IncomingMessage, ServerResponse],
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const path = url.pathname;
  if (isPush(path) || path === '/graphql') {
    const wrong = methodWrong(request);
    if (wrong !== null) return send(response, wrong);
    const endpoint = path === '/graphql' ? 'graphql' : endpointName(path);
    return exchange(sandbox, { request, response, endpoint, path });
  }
  const refused = hostRefused(request.headers, host);
  send(response, refused === null ? await own(sandbox, request, url) : problem(403, refused));
}

function listen(server: Server, { host, port }: ServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is in use' : (cause.code ?? cause.message);
      const fix = 'give another --port, or leave it away for any free one';
      reject(new McIngestError('MCI901', 'failed', `cannot listen on ${host}:${port}: ${why}`, { cause, fix }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
    });
  });
}

/** The address to reach a server at; one that listens everywhere is reached on this machine. */
function baseOf({ host }: ServerOptions, { port, family }: AddressInfo): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  const local = family === 'IPv6' && host === '::' ? '::1' : '127.0.0.1';
  const name = everywhere ? local : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await ended;
  clearTimeout(late);
}

/** Starts a sandbox. Throws MCI901 (cannot listen) and MCI902 (the data folder), exit 1. */
export async function startSandbox(options: ServerOptions): Promise<RunningSandbox> {
  const sandbox = await openSandbox(options);
  const server = createServer((request, response) => {
    route(sandbox, options.host, [request, response]).catch((error: unknown) => {
      send(response, problem(500, error instanceof Error ? error.message : String(error)));
    });
  });
  const endpoint = baseOf(options, await listen(server, options));
  const ingestion = makeKey(sandbox.world, { scope: 'Ingestion' });
  const api = makeKey(sandbox.world, { scope: 'API' });
  const graphql_endpoint = `${endpoint}/graphql`;
  return {
    endpoint,
    graphql_endpoint,
    page: `${endpoint}/`,
    env: {
      MCD_INGEST_ID: ingestion.id,
      MCD_INGEST_TOKEN: ingestion.token,
      MCD_ID: api.id,
      MCD_TOKEN: api.token,
      MCD_RESOURCE_UUID: RESOURCE,
      MC_INGEST_ENDPOINT: endpoint,
      MC_INGEST_GRAPHQL_ENDPOINT: graphql_endpoint,
    },
    async close() {
      await closed(server);
      sandbox.journal.close();
    },
  };
}
