import type { ExpireAt } from './types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const STEPS = [7 * DAY, DAY, 6 * HOUR, HOUR, 15 * MINUTE, 5 * MINUTE, MINUTE];

/** For ever, as the API spells it (a whole date-time: the SDK refuses a bare date). */
export const NEVER = '9999-12-31T00:00:00+00:00';

/** `30d`, `12h`, `90m`, `2w` in milliseconds; null when the text is no duration. */
export function durationMs(text: string): number | null {
  const match = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  return match?.[1] === undefined || unit === undefined ? null : Number(match[1]) * unit;
}

/** A time in the form the API takes for `expireAt`: whole seconds, explicit offset. */
export function dateTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** How coarse the renewal grid of a duration is: the largest round step that is at most a 24th of it. */
export function gridStep(duration: number): number {
  return STEPS.find((step) => step <= duration / 24) ?? MINUTE;
}

/**
 * When an item lapses that is written at `now`. Durations end on a grid of fixed points (never earlier than asked), so
 * that repeated renewals fall on the same times and do not creep with the schedule of the job.
 */
export function expiresAt(expireAt: ExpireAt, now: number): string {
  const duration = durationMs(expireAt);
  if (duration === null) return expireAt;
  const step = gridStep(duration);
  return dateTime(Math.ceil((now + duration) / step) * step);
}
