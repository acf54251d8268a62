/** Deeper than any real file; a parser that recurses is not given more. */
export const DEEPEST = 64;

const BLOCK_SCALAR = /(^|[\s:-])[|>][+-]?[1-9]?[+-]?\s*(#.*)?$/;

interface Quote {
  open: '"' | "'" | null;
}

/** How many flow collections a line leaves open, and the most that were open at once. */
function flowDepth(line: string, depth: number, quote: Quote): { depth: number; deepest: number } {
  let open = depth;
  let deepest = depth;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (quote.open !== null) {
      if (char === '\\' && quote.open === '"') at++;
      else if (char === quote.open) quote.open = null;
      continue;
    }
    const before = at === 0 ? ' ' : (line[at - 1] ?? ' ');
    if ((char === '"' || char === "'") && /[\s[{,:]/.test(before)) quote.open = char;
    else if (char === '#' && /\s/.test(before)) break;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++open);
    else if ((char === ']' || char === '}') && open > 0) open--;
  }
  return { depth: open, deepest };
}

/** `- - - x` opens three lists on one line; so do `? ` and `: `. */
function compactDepth(line: string): number {
  let count = 0;
  for (let at = 0; at + 1 < line.length; at++) {
    if (line[at] === ' ') continue;
    if (!'-?:'.includes(line[at] ?? 'x') || line[at + 1] !== ' ') break;
    count++;
  }
  return count;
}

/**
 * The first line (from 1) that nests deeper than `DEEPEST`, or null. One linear scan that knows quotes, comments and
 * block scalars as far as needed; it is a fence in front of the parser, not a parser.
 */
export function tooDeepAt(text: string): number | null {
  const indents: number[] = [];
  const quote: Quote = { open: null };
  let flow = 0;
  let scalarIndent = -1;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const trimmed = line.trimStart();
    if (trimmed === '') continue;
    const indent = line.length - trimmed.length;
    if (scalarIndent >= 0 && indent > scalarIndent) continue;
    scalarIndent = -1;
    if (quote.open === null && flow === 0) {
      while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop();
      indents.push(indent);
      if (indents.length + compactDepth(line) > DEEPEST) return number;
    }
    const seen = flowDepth(line, flow, quote);
    flow = seen.depth;
    if (seen.deepest > DEEPEST) return number;
    if (flow === 0 && quote.open === null && BLOCK_SCALAR.test(line)) scalarIndent = indent;
  }
  return null;
}
