import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What the gateway does with one request. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `before`: cut before the request counts; `after`: counts, then cut; `reset`: the same with a TCP reset. `hang`: never answers. */
  readonly drop?: 'before' | 'after' | 'reset';
  readonly hang?: boolean;
  readonly delayMs?: number;
  /** Writes the head and part of the body, then cuts. */
  readonly breakOff?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly text: string;
  readonly socket: number;
}

export interface Gateway {
  readonly url: string;
  readonly seen: Seen[];
  readonly most: () => number;
  close(): Promise<void>;
}

export const INVOCATION = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

/** A server on the loopback whose every answer is scripted; the standard one is 202 with an invocation id. */
export async function gateway(
  script: (request: Seen, index: number) => Reply | Promise<Reply> = () => ({}),
): Promise<Gateway> {
  const seen: Seen[] = [];
  const sockets = new Map<Socket, number>();
  let names = 0;
  let inside = 0;
  let most = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const one: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      raw,
      text,
      socket: sockets.get(request.socket) ?? -1,
    };
    seen.push(one);
    const reply = await script(one, seen.length - 1);
    if (reply.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
    inside -= 1;
    if (reply.hang === true) return;
    if (reply.drop === 'reset') return void request.socket.resetAndDestroy();
    if (reply.drop !== undefined) return void request.socket.destroy();
    const body = reply.body ?? JSON.stringify({ invocation_id: INVOCATION });
    const length = reply.breakOff === true ? { 'content-length': String(Buffer.byteLength(body) + 50) } : {};
    response.writeHead(reply.status ?? 202, { 'content-type': 'application/json', ...length, ...reply.headers });
    if (reply.breakOff !== true) return void response.end(body);
    response.write(body, () => setTimeout(() => request.socket.destroy(), 5));
  };

  const server = createServer(
    (request, response) => void handle(request, response).catch(() => request.socket.destroy()),
  );
  server.on('connection', (socket) => {
    names += 1;
    sockets.set(socket, names);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    most: () => most,
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
