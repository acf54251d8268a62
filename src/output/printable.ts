const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(char: string): string {
  return NAMED[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Text in one line that cannot command a terminal: control characters and bidirectional marks are written out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escaped);
}

let segmenter: Intl.Segmenter | undefined;
/** Made when a text first needs it: most are plain, and it loads the tables of all languages. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|\ufe0f/u;

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** How many cells of a terminal a text takes. */
export function cells(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** A text padded with blanks to a width in cells. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)));
}

/** A text that takes at most `width` cells; `mark` shows that something is missing. */
export function cut(text: string, width: number, mark: string): string {
  if (cells(text) <= width) return text;
  let [kept, taken] = ['', 0];
  for (const { segment } of graphemes(text)) {
    taken += cells(segment);
    if (taken > width - cells(mark)) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${mark}`;
}

/** Parts joined into lines of at most `width` cells (null: one line). No part is broken. */
export function flow(parts: readonly string[], separator: string, width: number | null): readonly string[] {
  if (width === null) return [parts.join(separator)];
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : `${last}${separator}${part}`;
    if (last === undefined || cells(longer) > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
