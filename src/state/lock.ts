import { setTimeout as sleep } from 'node:timers/promises';
import { McIngestError } from '../errors.ts';
import { VersionConflict } from './conflict.ts';
import type { ProcessFacts } from './holder.ts';
import { encodeLock, heldText, LEASE_S, type LockRecord, lapsesAt, readLock } from './lock-record.ts';
import type { LockHolder, StateBackend } from './types.ts';

const RENEW_MS = 30_000;
const POLL_MS = 1_000;
/** A holder that could not renew for so long starts nothing any more: a request may take 60 s, and 5 s are for luck. */
const GIVE_UP_MS = (LEASE_S - 65) * 1000;

export interface LockRequest {
  readonly run: string;
  readonly command: string;
  readonly facts: ProcessFacts;
  /** How long to wait for a lock that is held, in milliseconds; 0: not at all. */
  readonly timeout?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly renewEvery?: number;
  readonly pollEvery?: number;
}

export interface HeldLock {
  readonly token: number;
  /** Aborted when the lock is lost; its reason is MCI511 (exit 8). Nothing may be started after that. */
  readonly signal: AbortSignal;
}

interface Won {
  readonly holder: LockHolder;
  readonly version: string;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Whether the holder is provably dead: a process of this boot of this machine that is gone, or whose pid is another process now. */
async function isDead(holder: LockHolder, facts: ProcessFacts): Promise<boolean> {
  if (facts.boot_id === '' || holder.boot_id !== facts.boot_id || holder.host !== facts.host) return false;
  const start = await facts.startOf(holder.pid);
  if (start === undefined) return false;
  return start === null || start !== holder.pid_start;
}

/** Who holds the lock now: neither lapsed nor provably dead. Null: nobody. */
export async function liveHolder(backend: StateBackend, facts: ProcessFacts): Promise<LockHolder | null> {
  const holder = (await readLock(backend))?.lock.holder ?? null;
  if (holder === null || (await backend.now()) >= lapsesAt(holder)) return null;
  return (await isDead(holder, facts)) ? null : holder;
}

function holderOf({ run, command, facts }: LockRequest, token: number, now: string): LockHolder {
  const { startOf: _, ...who } = facts;
  return { run, command, ...who, token, acquired: now, renewed: now, lease_s: LEASE_S };
}

/** The holder that is in the way, or null when the lock was won. */
async function tryLock(
  backend: StateBackend,
  request: LockRequest,
): Promise<{ readonly won: Won } | { readonly by: LockHolder; readonly now: number }> {
  for (;;) {
    const now = await backend.now();
    const found = await readLock(backend);
    const by = found?.lock.holder ?? null;
    if (by !== null && now < lapsesAt(by) && !(await isDead(by, request.facts))) return { by, now };
    const token = (found?.lock.token ?? 0) + 1;
    const holder = holderOf(request, token, iso(now));
    try {
      return {
        won: { holder, version: await backend.put('lock', encodeLock({ token, holder }), found?.version ?? null) },
      };
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}

async function acquire(backend: StateBackend, request: LockRequest): Promise<Won> {
  const { timeout = 0, pollEvery = POLL_MS, signal } = request;
  const until = (await backend.now()) + timeout;
  for (;;) {
    const tried = await tryLock(backend, request);
    if ('won' in tried) return tried.won;
    const left = until - tried.now;
    if (signal?.aborted === true) {
      const exit = signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
      throw new McIngestError('MCI002', exit, `interrupted while waiting for the lock of run ${tried.by.run}`);
    }
    if (left <= 0) throw new McIngestError('MCI510', 'locked', heldText(tried.by, tried.now));
    await sleep(Math.min(pollEvery, left), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function lost(cause: unknown): McIngestError {
  return new McIngestError(
    'MCI511',
    'locked',
    'the lock was lost: another run took it over, or it could not be renewed',
    {
      fix: 'run mc-ingest apply again: what was sent is in the journal',
      cause,
    },
  );
}

/** Keeps the lock fresh until it is stopped; aborts when that cannot be done. */
function keepFresh(backend: StateBackend, won: Won, every: number) {
  const controller = new AbortController();
  let { holder, version } = won;
  let work: Promise<void> = Promise.resolve();

  const renew = async (): Promise<void> => {
    if (controller.signal.aborted) return;
    // Counted from before the renewal is sent, by the storage's clock.
    const now = await backend.now();
    try {
      const next: LockHolder = { ...holder, renewed: iso(now) };
      version = await backend.put('lock', encodeLock({ token: holder.token, holder: next }), version);
      holder = next;
    } catch (error) {
      const age = now - Date.parse(holder.renewed);
      if (error instanceof VersionConflict || age >= GIVE_UP_MS) controller.abort(lost(error));
    }
  };
  const timer = setInterval(() => {
    work = work.then(renew).catch((error: unknown) => controller.abort(lost(error)));
  }, every);
  timer.unref();

  const release = async (): Promise<void> => {
    clearInterval(timer);
    await work;
    if (controller.signal.aborted) return;
    try {
      await backend.put('lock', encodeLock({ token: holder.token, holder: null }), version);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  };
  return { signal: controller.signal, release };
}

/**
 * Does the work under the lock. The lock is a lease: renewed while the work goes on, taken over from a holder that is
 * provably dead at once, from any other 210 s after its last renewal. Throws MCI510 (exit 8) when it is held.
 */
export async function withLock<T>(
  backend: StateBackend,
  request: LockRequest,
  work: (held: HeldLock) => Promise<T>,
): Promise<T> {
  const won = await acquire(backend, request);
  const lease = keepFresh(backend, won, request.renewEvery ?? RENEW_MS);
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    outcome = { value: await work({ token: won.holder.token, signal: lease.signal }) };
  } catch (error) {
    outcome = { error };
  }
  try {
    await lease.release();
  } catch (error) {
    // What the work itself failed of says more; the lock lapses by itself.
    if ('value' in outcome) throw error;
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** Takes the lock away from its holder, if it is still the one with this token. Throws MCI512 (exit 7). Returns who had it. */
export async function unlock(backend: StateBackend, token: number): Promise<LockHolder> {
  const refuse = (lock: LockRecord | undefined): McIngestError =>
    new McIngestError(
      'MCI512',
      'guarded',
      lock?.holder == null
        ? 'the state is not locked'
        : `token ${token} is not that of the lock, which is ${lock.token}`,
      { fix: 'mc-ingest state unlock shows who holds it' },
    );
  for (;;) {
    const found = await readLock(backend);
    if (found === null || found.lock.holder === null || found.lock.token !== token) throw refuse(found?.lock);
    try {
      await backend.put('lock', encodeLock({ token, holder: null }), found.version);
      return found.lock.holder;
    } catch (error) {
      // A renewal came between: it is still the same lock.
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}
