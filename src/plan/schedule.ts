import { durationMs, gridStep, NEVER } from './expiry.ts';
import type { DesiredItem, ExpireAt } from './types.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const EARLY_SHARE = 0.015;
const EARLY_MOST = 15 * 60_000;

/** Milliseconds as the plan writes them. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** When a whole date-time is; never is infinitely far. */
export function timeOf(text: string): number {
  return text === NEVER ? Number.POSITIVE_INFINITY : Date.parse(text);
}

/**
 * How long until the next run, in milliseconds: the shortest `every` of the flows, for that is how often the job must
 * run to keep them. Without flows a day.
 */
export function runInterval(desired: readonly DesiredItem[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const item of desired) if (item.kind === 'flow') shortest = Math.min(shortest, item.spec.every);
  return shortest === Number.POSITIVE_INFINITY ? DAY : shortest;
}

/**
 * How much before its time something counts as due: a job that starts a few seconds early must not leave out an hour.
 * 54 s for an hour, at most 15 minutes.
 */
export function tolerance(interval: number): number {
  return Math.min(interval * EARLY_SHARE, EARLY_MOST);
}

/**
 * With how much life left an item is renewed: what passes until the next run, and slack: a run more that may be late or
 * left out, the step of the grid, and up to a day (a third of a shorter life), so that a job that runs daily keeps
 * alive what an hourly flow's `every` announces.
 */
export function renewBefore(expireAt: ExpireAt, interval: number): number {
  const life = durationMs(expireAt) ?? DAY;
  return interval + Math.max(interval, gridStep(life), Math.min(DAY, life / 3));
}
