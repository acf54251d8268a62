/** The form that is sent, with a day every month has: most times need no more than this look. */
const SENT =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(?!000000)\d{6})?Z$/;
const PARTS =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?$/;
const YEARS = /^(?!0000)\d{4}-/;
const DAY_SECONDS = 86_400;

/** Seconds east of UTC; null when no zone ever was so far off. */
function offsetOf(sign: string, parts: readonly (string | undefined)[]): number | null {
  const [hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  const all = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || all >= DAY_SECONDS) return null;
  return sign === '-' ? -all : all;
}

/** Milliseconds of a time written in UTC; null for one that no calendar or clock shows (`02-30`, `24:00`). */
function utcMs(text: string): number | null {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text ? null : ms;
}

function atOf(parts: readonly (string | undefined)[]): number | null {
  const [, day, minute, second = '00', , utc, sign, ...offset] = parts;
  const wall = `${day}T${minute}:${second}`;
  const ms = utcMs(wall);
  if (ms === null || utc !== undefined) return ms;
  if (sign === undefined) return Date.parse(wall);
  const east = offsetOf(sign, offset);
  return east === null ? null : ms - east * 1000;
}

/** Whether a time names no zone: it is then read in the zone of the process, as the vendor's SDK does. */
export function isNaive(text: string): boolean {
  const parts = PARTS.exec(text);
  return parts !== null && parts[5] === undefined && parts[6] === undefined;
}

/** Whether a text is already what `utcTime` makes of it. */
export function isSentTime(text: string): boolean {
  return SENT.test(text) || utcTime(text) === text;
}

/**
 * A time as query logs carry it: UTC with `Z`, none or six digits of fraction (as the vendor's SDK writes it). A time
 * without a zone is read in the zone of the process. Null for what is no time of the years 1 to 9999.
 */
export function utcTime(text: string): string | null {
  if (SENT.test(text)) return text;
  const parts = PARTS.exec(text);
  const at = parts === null ? null : atOf(parts);
  if (parts === null || at === null) return null;
  const iso = new Date(at).toISOString().slice(0, 19);
  if (!YEARS.test(iso)) return null;
  const digits = (parts[4] ?? '').slice(0, 6).padEnd(6, '0');
  return `${iso}${digits === '000000' ? '' : `.${digits}`}Z`;
}
