import { setFlagsFromString } from 'node:v8';
import type { Dispatcher, Pool } from 'undici';
import type { Connection, Key } from './types.ts';

/** One try of one request. `traceId` is new for each try. */
export interface Outgoing {
  readonly to: 'ingest' | 'graphql';
  /** Below the endpoint's base: `/ingest/v1/metadata`, or empty for GraphQL. */
  readonly path: string;
  readonly body: Buffer;
  readonly gzip?: boolean;
  readonly traceId: string;
  /** Cuts the try short: its fate is then not known. */
  readonly signal?: AbortSignal;
  /** Aborted: it is not begun any more. One that is on its way goes on. */
  readonly stop?: AbortSignal;
}

/** What one try came to. `not_sent`: no byte of it left. `cut`: it was sent, wholly or in part, and no status came back. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      /** The reply was longer than what is read of one, or broke off. */
      readonly truncated: boolean;
    }
  | { readonly kind: 'not_sent'; readonly reason: string; readonly stopped?: true }
  | { readonly kind: 'cut'; readonly reason: string; readonly timedOut: boolean };

/** Sends one try. Never throws: every way to fail is an answer. */
export interface Transport {
  post(request: Outgoing): Promise<Answer>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly connection: Connection;
  readonly version: string;
  /** Kept-alive connections to each of the two endpoints. */
  readonly concurrency: number;
  /** Milliseconds; from the start of a try to the last byte of its answer. */
  readonly deadline?: { readonly ingest: number; readonly graphql: number };
  readonly connectMs?: number;
}

const DEADLINE = { ingest: 60_000, graphql: 30_000 };
const CONNECT_MS = 5_000;
const REPLY_CAP = { ingest: 64 * 1024, graphql: 10 * 1024 * 1024 };
/** The pool alone loads in half the time of the whole package, which brings fetch, WebSocket and caches along. */
const POOL_MODULE = 'undici/lib/dispatcher/pool.js';

type PoolClass = new (origin: string, options: Pool.Options) => Pool;

/**
 * undici's parser is WebAssembly. V8 optimises it for 100 ms and with 35 MB as soon as it runs, which pays off after a
 * million answers: the plain compiler is enough. Other WebAssembly of the process is compiled plainly from here on, too.
 */
function compilePlainly(): void {
  setFlagsFromString('--liftoff-only');
}

async function openPool(base: string, { concurrency, connectMs }: TransportOptions): Promise<Pool> {
  compilePlainly();
  const loaded: { readonly default: PoolClass } = await import(POOL_MODULE);
  return new loaded.default(new URL(base).origin, {
    connections: concurrency,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMs ?? CONNECT_MS, rejectUnauthorized: true },
  });
}

/** The transport over kept-alive connections. Follows no redirect and reads no proxy from the environment. */
export function httpTransport(options: TransportOptions): Transport {
  const { connection, version } = options;
  const deadline = options.deadline ?? DEADLINE;
  const pools = new Map<string, Promise<Pool>>();
  const bases = { ingest: connection.endpoint, graphql: connection.graphqlEndpoint };
  const keys: Record<'ingest' | 'graphql', Key | null> = {
    ingest: connection.ingestKey,
    graphql: connection.graphqlKey,
  };

  const poolFor = (base: string): Promise<Pool> => {
    const { origin } = new URL(base);
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const opened = openPool(base, options);
    pools.set(origin, opened);
    return opened;
  };

  return {
    async post(request) {
      const { to } = request;
      const key = keys[to];
      if (key === null) return { kind: 'not_sent', reason: 'there is no key for this endpoint' };
      const type = to === 'graphql' ? 'application/json; charset=utf-8' : 'application/json';
      const headers = {
        accept: to === 'graphql' ? type : '*/*',
        'accept-encoding': 'identity',
        'content-type': type,
        ...(request.gzip === true ? { 'content-encoding': 'gzip' } : {}),
        'user-agent': `mc-ingest/${version}`,
        'x-mcd-id': key.id,
        'x-mcd-session-id': connection.session,
        'x-mcd-telemetry-reason': 'user',
        'x-mcd-token': key.token,
        'x-mcd-trace-id': request.traceId,
      };
      const pool = await poolFor(bases[to]);
      const path = `${new URL(bases[to]).pathname.replace(/\/$/, '')}${request.path}` || '/';
      return exchange(
        pool,
        { path, method: 'POST', headers, body: request.body },
        {
          cap: REPLY_CAP[to],
          deadline: deadline[to],
          signal: request.signal,
          stop: request.stop,
        },
      );
    },
    async close() {
      await Promise.all([...pools.values()].map(async (pool) => (await pool).destroy()));
      pools.clear();
    },
  };
}

interface Limits {
  readonly cap: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly stop: AbortSignal | undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message || error.name}${error.message.includes(code.slice(2, -1)) && code !== '' ? '' : code}`;
}

function exchange(pool: Pool, request: Dispatcher.DispatchOptions, limits: Limits): Promise<Answer> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null;
    let started = false;
    let status = 0;
    let headers: Record<string, string> = {};
    let size = 0;
    let over: { readonly reason: string; readonly timedOut: boolean } | null = null;
    const chunks: Buffer[] = [];

    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', onAbort);
      limits.stop?.removeEventListener('abort', onStop);
      resolve(answer);
    };
    const answered = (truncated: boolean): void =>
      finish({ kind: 'answer', status, headers, text: Buffer.concat(chunks).toString('utf8'), truncated });
    const fail = (reason: string, timedOut: boolean): void => {
      if (status >= 200) answered(true);
      else if (started) finish({ kind: 'cut', reason, timedOut });
      else finish({ kind: 'not_sent', reason });
    };
    const stop = (reason: string, timedOut: boolean): void => {
      over = { reason, timedOut };
      fail(reason, timedOut);
      controller?.abort(new Error(reason));
    };
    const onAbort = (): void => stop('interrupted', false);
    const timer = setTimeout(() => stop(`no answer within ${limits.deadline / 1000} s`, true), limits.deadline);
    // It may be waiting for a connection: nothing new goes out after a signal.
    const onStop = (): void => {
      if (started) return;
      over = { reason: 'interrupted', timedOut: false };
      finish({ kind: 'not_sent', reason: 'interrupted', stopped: true });
    };
    if (limits.stop?.aborted === true) return onStop();
    limits.stop?.addEventListener('abort', onStop, { once: true });
    if (limits.signal?.aborted === true) return onAbort();
    limits.signal?.addEventListener('abort', onAbort, { once: true });

    pool.dispatch(request, {
      onRequestStart(given) {
        controller = given;
        if (over !== null) given.abort(new Error(over.reason));
        else started = true;
      },
      onResponseStart(_given, code, received) {
        if (code < 200) return;
        status = code;
        headers = flat(received);
      },
      onResponseData(given, chunk) {
        size += chunk.length;
        if (size <= limits.cap) chunks.push(chunk);
        else {
          over = { reason: 'reply too long', timedOut: false };
          answered(true);
          given.abort(new Error('reply too long'));
        }
      },
      onResponseEnd() {
        answered(false);
      },
      onResponseError(_given, error) {
        if (over === null) fail(reasonOf(error), false);
      },
    });
  });
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) result[name.toLowerCase()] = Array.isArray(value) ? (value[0] ?? '') : value;
  return result;
}
