import { createHash } from 'node:crypto';

/** JSON with the members of every object in order (RFC 8785: by UTF-16 code units), so that equal values give equal text. Undefined members are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return object(value);
}

function object(value: object): string {
  const members: string[] = [];
  const known = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(known).sort())
    if (known[name] !== undefined) members.push(`${JSON.stringify(name)}:${canonical(known[name])}`);
  return `{${members.join(',')}}`;
}

/** `sha256:HEX` over the canonical form. */
export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;
}

const PIECE = 1 << 16;

/** The digest of a list of these values; the text of a long list is never held as a whole. */
export function digestOfList(values: Iterable<unknown>): string {
  const hash = createHash('sha256');
  let text = '[';
  let separator = '';
  for (const value of values) {
    text += separator + canonical(value);
    separator = ',';
    if (text.length < PIECE) continue;
    hash.update(text);
    text = '';
  }
  return `sha256:${hash.update(`${text}]`).digest('hex')}`;
}
