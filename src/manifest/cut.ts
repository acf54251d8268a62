import { parseExact, printExact } from './exact-json.ts';

/** Bytes a query's text may take as it is sent: half a body, so that a log entry of usual size around it always fits. */
export const QUERY_TEXT_BYTES = 500_000;
/** A character takes three bytes at most in a string of UTF-16 units. */
const BYTES_A_UNIT = 3;
/** Room for the mark. */
const MARK_BYTES = 100;

function sentBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** The longest beginning that fits, and no half of a surrogate pair at its end. */
function beginning(text: string, bytes: number): string {
  let least = 0;
  let most = text.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (sentBytes(text.slice(0, middle)) <= bytes) least = middle;
    else most = middle - 1;
  }
  const last = text.charCodeAt(least - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? least - 1 : least);
}

/**
 * A query log's line whose text takes at most `limit` bytes as sent: a longer one is cut and ends with a comment that
 * says how much is missing. Any other line comes back as it is.
 */
export function cutQueryText(line: string, limit = QUERY_TEXT_BYTES): string {
  if (line.length * BYTES_A_UNIT <= limit) return line;
  const event = parseExact(line);
  if (typeof event !== 'object' || event === null || !('query_text' in event)) return line;
  const text = event.query_text;
  if (typeof text !== 'string' || sentBytes(text) <= limit) return line;
  const kept = beginning(text, limit - MARK_BYTES);
  const mark = ` /* mc-ingest: cut here, ${text.length - kept.length} of ${text.length} characters are left out */`;
  return printExact({ ...event, query_text: `${kept}${mark}` });
}
