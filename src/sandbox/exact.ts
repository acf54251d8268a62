/** An integer or decimal whose text a JavaScript number would change: it is kept as its text. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LONG = /\d[\d.]{15}/;
const PREFIX = 'exact:';

function marked(token: string): string {
  // A raw control character is not allowed in JSON, so a string of the sender's can begin like a mark only when escaped.
  if (token.startsWith('"')) return token.startsWith('"\\u0001') ? `"\\u0001exact:s${token.slice(1)}` : token;
  return token.length < 16 || String(Number(token)) === token ? token : `"\\u0001exact:n${token}"`;
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(`\u0001${PREFIX}`)) return value;
  const rest = value.slice(PREFIX.length + 2);
  return value[PREFIX.length + 1] === 'n' ? new ExactNumber(rest) : rest;
}

/** Parses JSON; a number that would lose digits comes as an `ExactNumber`. Throws SyntaxError like JSON.parse. */
export function parseExact(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LONG.test(text)) return plain;
  return JSON.parse(text.replace(TOKEN, marked), (_key, value: unknown) => unmarked(value));
}

/** JSON text that is put into a document as it is. The caller has checked that it is JSON. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Prints JSON with every digit of an `ExactNumber`; members that are undefined are left out. `indent`: for people. */
export function printExact(value: unknown, indent = ''): string {
  if (value instanceof ExactNumber || value instanceof RawJson) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const [items, open, close] = Array.isArray(value)
    ? [value.map((item: unknown) => printExact(item, deeper(indent))), '[', ']']
    : [members(value, indent), '{', '}'];
  if (items.length === 0) return `${open}${close}`;
  if (indent === '') return `${open}${items.join(',')}${close}`;
  return `${open}${indent}  ${items.join(`,${indent}  `)}${indent}${close}`;
}

const deeper = (indent: string): string => (indent === '' ? '' : `${indent}  `);

function members(value: object, indent: string): readonly string[] {
  const colon = indent === '' ? ':' : ': ';
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}${colon}${printExact(member, deeper(indent))}`],
  );
}
