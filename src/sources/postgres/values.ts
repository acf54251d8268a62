const INT8 = 20;
const NUMERIC = 1700;
const DATE = 1082;
const TIMES = new Set([1114, 1184]);
/** Types whose usual parsers make objects that nobody can send: intervals, points, circles, bytes. */
const TEXTS = new Set([17, 600, 718, 1186]);
const SERVER_TIME = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?$/;

/** A time as the server writes it in a session in UTC, as ISO 8601 with `Z`. Infinity and years BC stay as they are. */
export function isoTime(text: string): string {
  const parts = SERVER_TIME.exec(text);
  return parts === null ? text : `${parts[1]}T${parts[2]}Z`;
}

function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A decimal as a number where that loses nothing, else as its text. */
function decimal(text: string): number | bigint | string {
  if (/^-?\d+$/.test(text)) return wholeNumber(text);
  const number = Number(text);
  return String(number) === text ? number : text;
}

type Parser = (text: string) => unknown;

/** How values of a type are read: without a loss, and without the time zone of this machine. Null: as the driver does. */
export function parserOf(oid: number): Parser | null {
  if (oid === INT8) return wholeNumber;
  if (oid === NUMERIC) return decimal;
  if (TIMES.has(oid)) return isoTime;
  if (oid === DATE || TEXTS.has(oid)) return (text) => text;
  return null;
}
