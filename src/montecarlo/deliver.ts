import { createHash } from 'node:crypto';
import { readPush } from './answer.ts';
import { type Batch, type BatchOptions, halves } from './batch.ts';
import type { Envelope } from './body.ts';
import { eventName, failureOf } from './failure.ts';
import type { Growth } from './growth.ts';
import type { PushDeps, PushFailure, PushJob } from './push-types.ts';
import { type Sent, send } from './send.ts';
import type { BatchIntent, PushResult, Receipt } from './types.ts';

/** Bodies in doubt one after the other: the gateway is down, and more of them would only be more doubt. */
const DOUBTS_IN_A_ROW = 3;

/** One push: what it is of, and how. */
export interface Work {
  readonly deps: PushDeps;
  readonly job: PushJob;
  readonly around: Envelope;
  readonly options: BatchOptions;
  readonly size: Growth;
  readonly kill: AbortSignal;
}

/** What became of it so far. */
export interface Tally {
  readonly receipts: Receipt[];
  readonly refused: PushFailure[];
  readonly in_doubt: PushFailure[];
  unreadable: PushFailure | null;
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
export async function deliver(batch: Batch, work: Work, tally: Tally): Promise<void> {
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
  const failed = failureOf(batch, result, single === undefined ? '' : eventName(single));
  if (result.status === 'in_doubt') tally.in_doubt.push(failed);
  else if (result.status === 'unavailable') tally.unavailable ??= failed;
  else if (result.tooLarge !== true || single !== undefined) tally.refused.push(failed);
  if (result.status === 'refused' && result.keyRefused === true) tally.keyRefused = true;
}

/** Whether nothing new may be sent. */
export function ended({ deps }: Work, tally: Tally): boolean {
  return deps.signal.aborted || tally.keyRefused || tally.unavailable !== null || tally.doubtsInARow >= DOUBTS_IN_A_ROW;
}
