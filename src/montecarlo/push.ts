import { createHash } from 'node:crypto';
import type { Code } from '../errors.ts';
import { isRecord, readPush } from './answer.ts';
import { type Batch, type BatchOptions, batches, halves, type Oversize, type Range } from './batch.ts';
import { type Envelope, envelope } from './body.ts';
import { growth } from './growth.ts';
import type { Transport } from './http-transport.ts';
import { type Clock, type Sent, send } from './send.ts';
import type { BatchIntent, BatchLedger, Connection, ManifestHead, PushResult, Receipt } from './types.ts';

/** What is sent: a manifest's head and event lines, as they stand in the file (without line breaks). */
export interface PushJob {
  readonly head: ManifestHead;
  readonly lines: AsyncIterable<readonly Buffer[]>;
  /** Positions already accepted (`to` is exclusive): they are not sent again. */
  readonly skip?: readonly Range[];
  /** Lowers the limits of a body. */
  readonly batch?: { readonly events?: number | undefined; readonly bytes?: number | undefined } | undefined;
  readonly compression?: 'none' | 'gzip' | undefined;
  /** Events a body, from an earlier run of the same resource and endpoint. */
  readonly learned?: number;
}

export interface PushProgress {
  readonly requests: number;
  readonly bytes: number;
  readonly events: number;
}

export interface PushDeps {
  readonly connection: Connection;
  readonly transport: Transport;
  readonly ledger: BatchLedger;
  /** Bodies on their way at once. */
  readonly concurrency?: number;
  /** Aborted: nothing new is sent, what is on its way gets 4 s. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly uuid: () => string;
  readonly onReceipt: (receipt: Receipt) => void;
  readonly onProgress: (progress: PushProgress) => void;
}

/** Events that were not accepted, `from` to `to` (exclusive), and why. */
export interface PushFailure extends Range {
  readonly code: Code;
  readonly message: string;
  readonly http_status: number | null;
  readonly trace_id: string | null;
}

/** What became of a push. `events`, `bytes` and `requests` count what was accepted. */
export interface PushSummary extends PushProgress {
  readonly receipts: readonly Receipt[];
  readonly refused: readonly PushFailure[];
  /** Why sending ended early: throttled or not reachable. What was not sent is still to be sent. */
  readonly unavailable: PushFailure | null;
  readonly in_doubt: readonly PushFailure[];
  /** Events a body, by `RESOURCE/ENDPOINT`. */
  readonly learned: Readonly<Record<string, number>>;
  readonly stopped: boolean;
  /** A key was refused: no further request was made. */
  readonly key_refused: boolean;
}

const BODY_BYTES = 1_000_000;
const CONCURRENCY = 4;
const GRACE_MS = 4_000;
/** Bodies in doubt one after the other: the gateway is down, and more of them would only be more doubt. */
const DOUBTS_IN_A_ROW = 3;

/** Names an event for people: its table, its query id, or nothing. */
export function eventName(line: Buffer): string {
  try {
    const event: unknown = JSON.parse(line.toString('utf8'));
    if (!isRecord(event)) return '';
    if (typeof event['query_id'] === 'string') return ` (query ${event['query_id']})`;
    const asset = isRecord(event['relational_asset']) ? event['relational_asset']['metadata'] : event['destination'];
    const of = isRecord(asset) ? asset : event;
    const parts = [of['database'], of['schema'], of['name'] ?? of['id']].filter((part) => typeof part === 'string');
    return parts.length === 0 ? '' : ` (${parts.join('.')})`;
  } catch {
    return '';
  }
}

function failure({ from, to }: Range, result: Exclude<PushResult, { status: 'accepted' }>, name = ''): PushFailure {
  const place = to - from === 1 ? `event ${from + 1}${name}` : `events ${from + 1} to ${to}`;
  return {
    from,
    to,
    code: result.code,
    message: `${place}: ${result.message}`,
    http_status: result.httpStatus,
    trace_id: result.traceId,
  };
}

interface Work {
  readonly deps: PushDeps;
  readonly job: PushJob;
  readonly around: Envelope;
  readonly options: BatchOptions;
  readonly size: ReturnType<typeof growth>;
  readonly kill: AbortSignal;
}

interface Tally {
  readonly receipts: Receipt[];
  readonly refused: PushFailure[];
  readonly in_doubt: PushFailure[];
  unavailable: PushFailure | null;
  keyRefused: boolean;
  /** Every event was at least tried. */
  whole: boolean;
  doubtsInARow: number;
  events: number;
  bytes: number;
}

function transmit(batch: Batch, { deps, job, around, kill }: Work): Promise<Sent> {
  const { route } = around;
  const hidden = [deps.connection.ingestKey?.token ?? ''];
  const about = { to: 'ingest' as const, resource: job.head.resource?.uuid ?? null, hidden };
  return send(
    { to: 'ingest', path: route.path, body: batch.body, gzip: job.compression === 'gzip' },
    { repeat: route.endpoint === 'querylogs' ? 'once' : 'upsert', read: (answer) => readPush(answer, about) },
    { ...deps, kill },
  );
}

/** Intent, request, result: each durable before the next. Then the halves, if the gateway found the body too large. */
async function deliver(batch: Batch, work: Work, tally: Tally): Promise<void> {
  const { deps, around, size } = work;
  const intent: BatchIntent = {
    op: deps.uuid(),
    endpoint: around.route.endpoint,
    from: batch.from,
    to: batch.to,
    bytes: batch.body.length,
    sha256: createHash('sha256').update(batch.body).digest('hex'),
  };
  await deps.ledger.intend(intent);
  const { result, timedOut, elapsedMs } = await transmit(batch, work);
  const events = batch.to - batch.from;
  if (timedOut || (result.status === 'refused' && result.tooLarge === true)) size.tooMuch(events);
  else if (result.status === 'accepted') size.answered(events, elapsedMs);
  note({ batch, result, intent }, work, tally);
  await deps.ledger.settle(intent, result);
  if (result.status !== 'refused' || result.tooLarge !== true) return;
  const parts = await halves(batch, work.options);
  for (const part of parts ?? []) {
    if (ended(work, tally)) tally.whole = false;
    else await deliver(part, work, tally);
  }
}

interface Outcome {
  readonly batch: Batch;
  readonly result: PushResult;
  readonly intent: BatchIntent;
}

function note({ batch, result, intent }: Outcome, { deps }: Work, tally: Tally): void {
  tally.doubtsInARow = result.status === 'in_doubt' ? tally.doubtsInARow + 1 : 0;
  if (result.status === 'accepted') {
    const { endpoint, bytes } = intent;
    const events = batch.to - batch.from;
    const at = new Date(deps.clock.now()).toISOString();
    const { invocationId, traceId, httpStatus } = result;
    const receipt = {
      endpoint,
      invocation_id: invocationId,
      trace_id: traceId,
      http_status: httpStatus,
      events,
      bytes,
      at,
    };
    tally.receipts.push(receipt);
    tally.events += events;
    tally.bytes += bytes;
    deps.onReceipt(receipt);
    deps.onProgress({ requests: tally.receipts.length, bytes: tally.bytes, events: tally.events });
    return;
  }
  const single = batch.lines.length === 1 ? batch.lines[0] : undefined;
  const failed = failure(batch, result, single === undefined ? '' : eventName(single));
  if (result.status === 'in_doubt') tally.in_doubt.push(failed);
  else if (result.status === 'unavailable') tally.unavailable ??= failed;
  else if (result.tooLarge !== true || single !== undefined) tally.refused.push(failed);
  if (result.status === 'refused' && result.keyRefused === true) tally.keyRefused = true;
}

function tooLarge({ at, bytes, line }: Oversize, limit: number): PushFailure {
  const message = `event ${at + 1}${eventName(line)} takes ${bytes.toLocaleString('en')} bytes by itself; a body holds ${limit.toLocaleString('en')}`;
  return { from: at, to: at + 1, code: 'MCI415', message, http_status: null, trace_id: null };
}

function ended({ deps }: Work, tally: Tally): boolean {
  return deps.signal.aborted || tally.keyRefused || tally.unavailable !== null || tally.doubtsInARow >= DOUBTS_IN_A_ROW;
}

/** Sends the bodies, so many at once. Reads no further ahead than one body. Resolves once nothing is on its way. */
async function pump(work: Work, tally: Tally): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const errors: unknown[] = [];
  try {
    for await (const item of batches(work.job.lines, work.options)) {
      while (inFlight.size >= (work.deps.concurrency ?? CONCURRENCY)) await Promise.race(inFlight);
      if (errors.length > 0 || ended(work, tally)) {
        tally.whole = false;
        break;
      }
      if ('oversize' in item) {
        tally.refused.push(tooLarge(item, work.options.bytes));
        continue;
      }
      const task: Promise<void> = deliver(item, work, tally)
        .catch((error: unknown) => {
          errors.push(error);
        })
        .finally(() => inFlight.delete(task));
      inFlight.add(task);
    }
  } finally {
    await Promise.all(inFlight);
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Sends a manifest's events: in bodies that never pass the limits, several at once, each journalled before and after.
 * Remote failures are in the summary; it throws what the ledger or the lines throw, after what was on its way has ended.
 */
export async function pushLines(job: PushJob, deps: PushDeps): Promise<PushSummary> {
  const around = envelope(job.head);
  const { endpoint } = around.route;
  const size = growth({ endpoint, learned: job.learned, most: job.batch?.events });
  const options: BatchOptions = {
    around,
    compression: job.compression ?? 'none',
    bytes: Math.min(BODY_BYTES, job.batch?.bytes ?? BODY_BYTES),
    events: size.limit,
    skip: job.skip ?? [],
  };
  const kill = new AbortController();
  const done = new AbortController();
  const onAbort = (): void => {
    void deps.clock.sleep(GRACE_MS, done.signal).then(() => kill.abort());
  };
  deps.signal.addEventListener('abort', onAbort, { once: true });
  const tally: Tally = {
    receipts: [],
    refused: [],
    in_doubt: [],
    unavailable: null,
    keyRefused: false,
    whole: !deps.signal.aborted,
    doubtsInARow: 0,
    events: 0,
    bytes: 0,
  };
  try {
    if (!deps.signal.aborted) await pump({ deps, job, around, options, size, kill: kill.signal }, tally);
  } finally {
    done.abort();
    deps.signal.removeEventListener('abort', onAbort);
  }
  const { receipts, refused, in_doubt, unavailable, keyRefused, events, bytes } = tally;
  return {
    receipts,
    events,
    bytes,
    requests: receipts.length,
    refused,
    in_doubt,
    unavailable,
    learned: { [`${job.head.resource?.uuid ?? 'many'}/${endpoint}`]: size.limit() },
    stopped: !tally.whole,
    key_refused: keyRefused,
  };
}
