import type { Verdict } from './answer.ts';
import type { Answer, Outgoing, Transport } from './http-transport.ts';
import type { PushResult } from './types.ts';

/** Time as the caller supplies it. `sleep` ends early, without an error, when its signal is aborted. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `upsert`: sending it again changes nothing. `once`: appends and deletes, which are not sent again when in doubt. */
export type Repeat = 'upsert' | 'once';

export interface SendDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly uuid: () => string;
  /** Aborted: no further try is made. */
  readonly signal: AbortSignal;
  /** Aborted: the try in flight is cut. */
  readonly kill?: AbortSignal;
}

export interface Sent {
  readonly result: PushResult;
  /** A try got no answer in time. */
  readonly timedOut: boolean;
  /** Milliseconds the last try took. */
  readonly elapsedMs: number;
}

const TRIES_WITHOUT_EFFECT = 5;
const TRIES_IN_DOUBT = 3;
const BASE_MS = 500;
const CAP_MS = 20_000;
const RETRY_AFTER_CAP_MS = 120_000;
/** No try begins later than this after the first one: a request that waits for ever holds all others up. */
const DEADLINE_MS = 300_000;

/** Milliseconds a `Retry-After` asks for (seconds or an HTTP date), at most 120 s; null when it says nothing of use. */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, RETRY_AFTER_CAP_MS);
  if (!/^[A-Za-z]{3}/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), RETRY_AFTER_CAP_MS);
}

/** Exponential backoff with jitter: between half of the step and the whole of it. */
export function backoffMs(tries: number, random: () => number): number {
  const step = Math.min(BASE_MS * 2 ** (tries - 1), CAP_MS);
  return step / 2 + (step / 2) * random();
}

function ended(
  verdict: Verdict,
  facts: { traceId: string; attempts: number; elapsedMs: number },
  inDoubt: boolean,
): PushResult {
  const { traceId, attempts, elapsedMs } = facts;
  if (verdict.kind === 'accepted') {
    const { invocationId, httpStatus, data } = verdict;
    return {
      status: 'accepted',
      invocationId,
      httpStatus,
      traceId,
      attempts,
      elapsedMs,
      ...(data === undefined ? {} : { data }),
    };
  }
  const { code, message, httpStatus } = verdict;
  const common = { httpStatus, traceId, attempts, code, message };
  if (verdict.kind === 'refused')
    return {
      ...common,
      status: 'refused',
      ...(verdict.tooLarge === undefined ? {} : { tooLarge: true }),
      ...(verdict.keyRefused === undefined ? {} : { keyRefused: true }),
    };
  return { ...common, status: inDoubt ? 'in_doubt' : 'unavailable' };
}

/** Whether what the last answer leaves open may be tried again. */
function mayRetry(
  verdict: Extract<Verdict, { kind: 'later' | 'doubt' }>,
  tries: { all: number; doubts: number },
  repeat: Repeat,
): boolean {
  if (verdict.final === true) return false;
  if (verdict.kind === 'doubt' && verdict.code === 'MCI432')
    return repeat === 'upsert' && tries.all < TRIES_WITHOUT_EFFECT;
  if (verdict.kind === 'doubt') return repeat === 'upsert' && tries.doubts < TRIES_IN_DOUBT;
  return tries.all < TRIES_WITHOUT_EFFECT;
}

/**
 * Sends one request until its fate is known or may not be tried further: throttled or not sent up to 5 tries, in doubt up
 * to 3 and only where a second copy does no harm; no try later than 5 minutes after the first. A doubt of an earlier try is never forgotten.
 */
export async function send(
  request: Omit<Outgoing, 'traceId' | 'signal' | 'stop'>,
  how: { readonly repeat: Repeat; readonly read: (answer: Answer) => Verdict },
  deps: SendDeps,
): Promise<Sent> {
  const { transport, clock, random, uuid, signal, kill } = deps;
  let doubts = 0;
  let timedOut = false;
  const began = clock.now();
  for (let all = 1; ; all += 1) {
    const traceId = uuid();
    const start = clock.now();
    const answer = await transport.post({
      ...request,
      traceId,
      stop: signal,
      ...(kill === undefined ? {} : { signal: kill }),
    });
    const elapsedMs = clock.now() - start;
    const verdict = how.read(answer);
    const facts = { traceId, attempts: all, elapsedMs };
    if (verdict.kind === 'accepted' || verdict.kind === 'refused')
      return { result: ended(verdict, facts, false), timedOut, elapsedMs };
    if (verdict.kind === 'doubt') doubts += 1;
    timedOut ||= verdict.timedOut === true;
    const wait = retryAfterMs(verdict.retryAfter, clock.now()) ?? backoffMs(all, random);
    const inTime = clock.now() + wait - began <= DEADLINE_MS;
    if (inTime && !signal.aborted && mayRetry(verdict, { all, doubts }, how.repeat)) {
      await clock.sleep(wait, signal);
      if (!signal.aborted) continue;
    }
    return { result: ended(verdict, facts, doubts > 0), timedOut, elapsedMs };
  }
}
