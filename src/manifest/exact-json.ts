/** A number whose text a JavaScript number would change: it is kept as text. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LONG = /\d[\d.]{15}|\d[eE][+-]?\d|\d\.\d*0(?!\d)|-0(?![.\d])/;
/** A string no document holds by chance: only strings that begin with it are looked at again. */
const MARK = '\u0001exact:';

/** Parses JSON; numbers that would lose their text come as `ExactNumber`. Throws SyntaxError like JSON.parse. */
export function parseExact(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LONG.test(text)) return plain;
  let changed = false;
  const marked = text.replace(TOKEN, (token) => {
    if (token.startsWith('"')) return token.startsWith('"\\u0001exact:') ? `"\\u0001exact:s${token.slice(13)}` : token;
    if (String(Number(token)) === token) return token;
    changed = true;
    return `"\\u0001exact:n${token}"`;
  });
  if (!changed) return plain;
  return JSON.parse(marked, (_key, value: unknown) => (typeof value === 'string' ? unmarked(value) : value));
}

function unmarked(value: string): unknown {
  if (!value.startsWith(MARK)) return value;
  const rest = value.slice(MARK.length + 1);
  return value[MARK.length] === 'n' ? new ExactNumber(rest) : `${MARK}${rest}`;
}

/** Prints what `parseExact` gave (and bigints) without white space; members that are undefined are left out. */
export function printExact(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => printExact(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of Object.entries(value))
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${printExact(member)}`);
  return `{${members.join(',')}}`;
}
