const INT8 = 20;
const NUMERIC = 1700;
const DATE = 1082;
const TIMES = new Set([1114, 1184]);
/** Types whose usual parsers make objects that nobody can send: intervals, points, circles, bytes. */
const TEXTS = new Set([17, 600, 718, 1186]);
const FLOATS = new Set([700, 701]);
/** Arrays of them, by the type of their elements: the driver's own parsers take dates and decimals for what they are not. */
const ARRAYS: ReadonlyMap<number, number> = new Map([
  [1016, INT8],
  [1231, NUMERIC],
  [1182, DATE],
  [1115, 1114],
  [1185, 1184],
  [1021, 700],
  [1022, 701],
  [1001, 17],
  [1187, 1186],
]);
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
  return String(number) === text && Number.isFinite(number) ? number : text;
}

/** JSON has no NaN and no infinity: they stay as the server writes them. */
function float(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

type Parser = (text: string) => unknown;

/** How values of a type are read: without a loss, and without the time zone of this machine. Null: as the driver does. */
export function parserOf(oid: number): Parser | null {
  if (oid === INT8) return wholeNumber;
  if (oid === NUMERIC) return decimal;
  if (FLOATS.has(oid)) return float;
  if (TIMES.has(oid)) return isoTime;
  if (oid === DATE || TEXTS.has(oid)) return (text) => text;
  return null;
}

/** The type of an array's elements, where `parserOf` reads them; null for any other type. */
export function elementOf(oid: number): number | null {
  return ARRAYS.get(oid) ?? null;
}
