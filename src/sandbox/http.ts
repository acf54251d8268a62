import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const inflate = promisify(gunzip);
/** What a body may hold once it is decompressed: far above any real batch, far below what would fill the memory. */
const INFLATED = 128 * 1024 * 1024;
/** A body over its limit is read on, and thrown away, up to this, so that the sender gets to read the answer. */
const DRAINED = 64 * 1024 * 1024;

/** A body as it arrived, or why it was not taken. `bytes`: as sent. */
export type Received =
  | { readonly ok: true; readonly text: string; readonly bytes: number }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly reason: string; readonly bytes: number };

interface Raw {
  readonly data: Buffer | null;
  readonly bytes: number;
}

async function read(request: IncomingMessage, limit: number): Promise<Raw> {
  let chunks: Buffer[] | null = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > DRAINED) break;
    if (bytes > limit) chunks = null;
    else chunks?.push(chunk);
  }
  return { data: chunks === null ? null : Buffer.concat(chunks), bytes };
}

async function inflated(data: Buffer): Promise<Buffer | 'bomb' | 'damaged'> {
  try {
    return await inflate(data, { maxOutputLength: INFLATED });
  } catch (error) {
    return error instanceof RangeError ? 'bomb' : 'damaged';
  }
}

function decoded(data: Buffer, bytes: number): Received {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(data), bytes };
  } catch {
    return { ok: false, status: 400, reason: 'the body is not UTF-8', bytes };
  }
}

/** Reads a body of at most `limit` bytes as sent; gzip is accepted, and its size compressed is what counts. */
export async function receive(request: IncomingMessage, limit: number): Promise<Received> {
  const { data, bytes } = await read(request, limit);
  const refused = (status: 400 | 413 | 415, reason: string): Received => ({ ok: false, status, reason, bytes });
  if (data === null) return refused(413, `the body is over the limit of ${limit} bytes as sent`);
  const encoding = String(request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return decoded(data, bytes);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return refused(415, `content-encoding ${encoding} is not accepted`);
  const plain = await inflated(data);
  if (plain === 'bomb') return refused(413, `the body is over ${INFLATED} bytes once decompressed`);
  if (plain === 'damaged') return refused(400, 'the body is not the gzip that content-encoding says');
  return decoded(plain, bytes);
}

/** What is sent back. `text`: JSON, unless the headers say otherwise. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a reply whole. A reader that went away is no failure. */
export function send(response: ServerResponse, { status, text, headers = {} }: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const data = Buffer.from(text);
  const bare = status === 204 || status === 304;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(bare ? {} : { 'content-length': String(data.length) }),
    ...headers,
  });
  response.end(bare ? undefined : data);
}
