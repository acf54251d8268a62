/** A path into a document: keys and indexes from the top. */
export type Path = readonly (string | number)[];

/** Where something stands in a text: line and column from 1, and how many characters it takes on that line. */
export interface Spot {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What knows the places of a document; made only when there is a problem to show. */
export interface Locator {
  /** The place of the value, or of its key; of the nearest parent that exists when the path does not. */
  find(path: Path, at: 'key' | 'value'): Spot;
  /** From now on the lines of this value are secret: a setting whose name does not tell. */
  hide(path: Path): void;
  /** Whether a line holds (part of) a secret that was written out. */
  secret(line: number): boolean;
}

/** Offsets of the first character of each line. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line and column (from 1) of an offset; `length` is cut at the end of the line. */
export function spot(text: string, starts: readonly number[], range: { from: number; to: number }): Spot {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= range.from) low = middle;
    else high = middle - 1;
  }
  const end = text.indexOf('\n', range.from);
  const to = Math.min(range.to, end === -1 ? text.length : end);
  return { line: low + 1, column: range.from - (starts[low] ?? 0) + 1, length: Math.max(1, to - range.from) };
}

/** `flows.a.source`, `lineage.edges[3].to`: how a path is shown. */
export function showPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    return shown === '' ? step : `${shown}.${step}`;
  }, '');
}

const FAR_UP = 200;
const SECRET_BLOCK = /(pas+w|pass(phrase)?|pwd|secret|token|private_?key|credential|api_?key)[\w.-]*["']?\s*:\s*$/i;
const SECRET_KEY = /pas+w|pass(phrase)?$|pwd|secret|token|private_?key|credential|api_?key/i;
const SECRET_PAIR =
  /(pas+w|pass(phrase)?\b|pwd|secret|token|private_?key|credential|api_?key)[\w.-]*["']?\s*[:=]\s*\S/i;
const SECRET_URL = /:\/\/[^\s/]*:[^\s/]*@/;

/** Whether the key says that its value must not be shown. */
export function secretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** Whether a value must not be shown: its key says so, or it is an address with a password in it. */
export function looksSecret(key: string, value: unknown): boolean {
  if (typeof value !== 'string' || /^\$\{[^}:]*(:-|:[^-}][^}]*)?\}$/.test(value)) return false;
  return secretKey(key) || SECRET_URL.test(value) || value.includes('PRIVATE KEY');
}

/** The same for a line of a text that could not be parsed: any pair on it counts, a reference too. */
export function secretLine(line: string): boolean {
  return SECRET_PAIR.test(line) || SECRET_URL.test(line) || line.includes('PRIVATE KEY');
}

/** Whether a line of a text that could not be parsed belongs to a value whose key, somewhere above, is secret. */
export function underSecret(lines: (number: number) => string, number: number): boolean {
  const indent = (line: string): number => line.length - line.trimStart().length;
  let least = indent(lines(number));
  for (let at = number - 1; at >= Math.max(1, number - FAR_UP); at--) {
    const line = lines(at);
    if (line.trim() === '' || (indent(line) >= least && least > 0)) continue;
    if (secretLine(line) || SECRET_BLOCK.test(line)) return true;
    if (least === 0) return false;
    least = indent(line);
  }
  return false;
}
