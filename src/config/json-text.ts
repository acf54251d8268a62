import type { Path } from './place.ts';

/** What the scan of a JSON text tells, with offsets into the text. */
export interface JsonVisitor {
  key(key: string, range: { from: number; to: number }, path: () => Path): void;
  value(range: { from: number; to: number }, path: () => Path): void;
  /** A container opened; `false` ends the scan. */
  open(depth: number, offset: number): boolean;
  close(): void;
}

interface Level {
  readonly array: boolean;
  key: string | number;
  wantsKey: boolean;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}

/** Whether JSON syntax gives the character no part in a number, `true`, `false` or `null`. */
function isBreak(code: number): boolean {
  return code === 0x2c || code === 0x5d || code === 0x7d || code <= 0x20 || code === 0x3a;
}

function unquote(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
}

/** Walks a text that JSON.parse accepts, once, from left to right, without recursion. */
export function scanJson(text: string, visitor: JsonVisitor): void {
  const levels: Level[] = [];
  const path = (): Path => levels.map((level) => level.key);
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const level = levels.at(-1);
    if (code <= 0x20 || code === 0x3a) at++;
    else if (code === 0x2c) {
      if (level?.array) level.key = Number(level.key) + 1;
      else if (level !== undefined) level.wantsKey = true;
      at++;
    } else if (code === 0x7b || code === 0x5b) {
      visitor.value({ from: at, to: at + 1 }, path);
      levels.push({ array: code === 0x5b, key: code === 0x5b ? 0 : '', wantsKey: code === 0x7b });
      if (!visitor.open(levels.length, at)) return;
      at++;
    } else if (code === 0x7d || code === 0x5d) {
      levels.pop();
      visitor.close();
      at++;
    } else if (code === 0x22) {
      const to = endOfString(text, at);
      if (level?.wantsKey) {
        level.key = unquote(text.slice(at, to));
        level.wantsKey = false;
        visitor.key(level.key, { from: at, to }, path);
      } else visitor.value({ from: at, to }, path);
      at = to;
    } else {
      let to = at + 1;
      while (to < text.length && !isBreak(text.charCodeAt(to))) to++;
      visitor.value({ from: at, to }, path);
      at = to;
    }
  }
}
