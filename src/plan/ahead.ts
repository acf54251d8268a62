import { durationMs } from './expiry.ts';
import { columnsLapse } from './flow-change.ts';
import type { Look } from './look.ts';
import { iso, renewBefore, timeOf } from './schedule.ts';
import type { Change, ItemKey, Plan } from './types.ts';

type Vanishing = Plan['vanishing'][number];

/** When an item lapses once the plan is carried out, as the state writes it; null: never, or it is not there. */
function lapse(change: Change, picked: boolean): string | null {
  const { action, before, expires_at, after } = change;
  if (after === undefined || action === 'delete' || action === 'forget') return null;
  if (picked && expires_at !== undefined) return expires_at;
  if (before === undefined) return null;
  if (before.kind !== 'flow') return before.expires_at;
  const lapses = picked && action === 'push' ? null : columnsLapse(before);
  return lapses === null ? null : iso(lapses);
}

function because(change: Change, picked: boolean): string {
  const { after } = change;
  if (after !== undefined && after.kind !== 'flow' && durationMs(after.spec.expireAt) === null)
    return 'its expireAt is a fixed date';
  if (!picked) return 'it is not selected';
  return after?.kind === 'flow'
    ? 'its columns were pushed 10 days ago'
    : 'its life is shorter than the time to the next run';
}

/** What lapses before the next run even when the plan is carried out, the soonest first. */
export function vanishingOf(all: readonly Change[], picked: ReadonlySet<ItemKey>, look: Look): readonly Vanishing[] {
  const { now } = look.input;
  const found: Vanishing[] = [];
  for (const change of all) {
    const ours = picked.has(change.key);
    const expires_at = lapse(change, ours);
    if (expires_at === null) continue;
    const time = timeOf(expires_at);
    if (time > now && time <= now + look.interval)
      found.push({ key: change.key, expires_at, because: because(change, ours) });
  }
  return found.sort((a, b) => timeOf(a.expires_at) - timeOf(b.expires_at) || (a.key < b.key ? -1 : 1));
}

/** When there will be something to do again: a flow due, or a duration to renew. Null: nothing is scheduled. */
export function idleUntil(changes: readonly Change[], look: Look): string | null {
  let soonest = Number.POSITIVE_INFINITY;
  for (const { action, until, before, after } of changes) {
    if (action === 'wait' && until !== undefined) soonest = Math.min(soonest, Date.parse(until));
    if (action !== 'keep' || before === undefined || before.kind === 'flow' || after === undefined) continue;
    if (after.kind === 'flow' || durationMs(after.spec.expireAt) === null) continue;
    soonest = Math.min(soonest, timeOf(before.expires_at) - renewBefore(after.spec.expireAt, look.interval));
  }
  return soonest === Number.POSITIVE_INFINITY ? null : iso(Math.max(soonest, look.input.now));
}
