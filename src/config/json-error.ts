// Control characters in strings are looked for apart from this.
const TOKEN =
  /[ \t\n\r]*(?:([[{])|([\]}])|(,)|(:)|("(?:[^"\\]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** What may come next: a value, a key, the colon behind one, or what stands behind a value. */
type Wanted = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'after';

/** What may follow, or null when the token may not stand here. `open` are the brackets around it. */
function step(wanted: Wanted, token: RegExpExecArray, open: string[]): Wanted | null {
  const [, opens, closes, comma, colon, text, plain] = token;
  if (text !== undefined && /[^\u007f-\u009f\P{Cc}]/u.test(text)) return null;
  if (closes !== undefined) {
    const fits = open.pop() === (closes === ']' ? '[' : '{');
    const first = closes === ']' ? 'first-value' : 'first-key';
    return fits && (wanted === 'after' || wanted === first) ? 'after' : null;
  }
  if (comma !== undefined) {
    if (wanted !== 'after' || open.length === 0) return null;
    return open.at(-1) === '[' ? 'value' : 'key';
  }
  if (colon !== undefined) return wanted === 'colon' ? 'value' : null;
  if (wanted === 'key' || wanted === 'first-key') return text === undefined ? null : 'colon';
  if (wanted !== 'value' && wanted !== 'first-value') return null;
  if (text !== undefined || plain !== undefined) return 'after';
  if (opens === undefined) return null;
  open.push(opens);
  return opens === '[' ? 'first-value' : 'first-key';
}

/**
 * Offset of the first character that makes a text no JSON. JSON.parse says it in words that differ from one version of
 * Node to the next, and sometimes not at all. Only called for a text that JSON.parse refused.
 */
export function jsonErrorAt(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const token: RegExpExecArray | null = TOKEN.exec(text);
    const next: Wanted | null = token === null ? null : step(wanted, token, open);
    if (token === null || next === null) return at + (/^[ \t\n\r]*/.exec(text.slice(at, at + 10_000))?.[0].length ?? 0);
    wanted = next;
    at = TOKEN.lastIndex;
  }
}
