import { durationMs } from './duration.ts';

/** For ever, as the API spells it. */
const NEVER = '9999-12-31T00:00:00+00:00';
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|z|[+-]\d\d:\d\d)$/;

function realDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/**
 * `expireAt` as it is kept: a duration as it is, everything else a whole date-time with offset and whole seconds.
 * Null when the text is none of them, or no date that exists.
 */
export function normalExpireAt(text: string): string | null {
  if (text === 'never') return NEVER;
  if (durationMs(text) !== null) return text;
  if (DATE.test(text)) return realDate(text) ? `${text}T00:00:00+00:00` : null;
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, date = '', minutes = '', seconds = ':00', offset = ''] = match;
  const whole = `${date}T${minutes}${seconds}${/^z$/i.test(offset) ? '+00:00' : offset}`;
  return realDate(date) && !Number.isNaN(Date.parse(whole)) ? whole : null;
}

/** When a fixed time is, in milliseconds; null for a duration. */
export function fixedTime(expireAt: string): number | null {
  return durationMs(expireAt) === null ? Date.parse(expireAt) : null;
}
