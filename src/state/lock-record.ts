import { McIngestError } from '../errors.ts';
import { canonical } from '../plan/digest.ts';
import type { LockHolder, StateBackend } from './types.ts';

export const LEASE_S = 120;
/** How long after the end of its lease a lock may be taken over. */
export const GRACE_S = 90;

/** The lock as stored. The record is never removed, so the token never goes back; holder null: free. */
export interface LockRecord {
  readonly token: number;
  readonly holder: LockHolder | null;
}

const FORMAT = 'mc-ingest.lock/1';

export function encodeLock({ token, holder }: LockRecord): string {
  return `${canonical({ format: FORMAT, token, holder })}\n`;
}

function decodeLock(text: string, place: string): LockRecord {
  try {
    const found = JSON.parse(text) as (Partial<LockRecord> & { format?: string }) | null;
    const { token, holder } = found ?? {};
    const whole = holder === null || typeof holder?.renewed === 'string';
    if (found?.format === FORMAT && typeof token === 'number' && Number.isSafeInteger(token) && whole)
      return { token, holder };
  } catch {
    // said below
  }
  throw new McIngestError('MCI502', 'state_damaged', `the lock of ${place} is damaged; it was left untouched`, {
    fix: 'make sure that no run is active, then move the lock file away with its generations',
  });
}

/** The lock as it is now; null: there never was one. Throws MCI502 (exit 10). */
export async function readLock(
  backend: StateBackend,
): Promise<{ readonly lock: LockRecord; readonly version: string } | null> {
  const found = await backend.get('lock');
  return found === null ? null : { lock: decodeLock(found.text, backend.place), version: found.version };
}

/** When a holder that is not heard of any more loses its lock, in milliseconds since the epoch of the storage's clock. */
export function lapsesAt(holder: LockHolder): number {
  return Date.parse(holder.renewed) + (holder.lease_s + GRACE_S) * 1000;
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** Who holds the lock, since when and until when (screens.md, "Lock held"). */
export function heldText(holder: LockHolder, now: number): string {
  const ago = Math.max(0, Math.round((now - Date.parse(holder.renewed)) / 1000));
  const command = holder.command.split(' ')[0] ?? '';
  return [
    `state is locked by run ${holder.run} on ${holder.host} (pid ${holder.pid}), ${holder.command}, since ${clock(Date.parse(holder.acquired))} UTC`,
    ...(holder.ci_url === undefined ? [] : [`  ci        ${holder.ci_url}`]),
    `  renewed   ${ago} s ago; lapses by itself at ${clock(lapsesAt(holder))} if the holder is gone`,
    ...(command === 'apply' ? ['  wait      mc-ingest apply --lock-timeout 10m'] : ['  wait      --lock-timeout 10m']),
  ].join('\n');
}
