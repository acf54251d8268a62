import { isUtf8 } from 'node:buffer';

const NEWLINE = 10;
const RETURN = 13;

/** A line without its break, and its number from 1. */
export interface NumberedLine {
  readonly text: string;
  readonly line: number;
}

function decoded(bytes: Buffer, line: number): NumberedLine | null {
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  if (end === 0) return null;
  if (!isUtf8(bytes)) throw new SyntaxError(`line ${line}: not UTF-8`);
  return { text: bytes.toString('utf8', 0, end), line };
}

/**
 * The lines of a stream of bytes, LF or CRLF. Blank lines are left out but counted. Throws SyntaxError with the line for
 * bytes that are not UTF-8: they would be sent as question marks.
 */
export async function* numberedLines(chunks: AsyncIterable<Buffer>, first = 1): AsyncGenerator<NumberedLine> {
  let rest: Buffer[] = [];
  let line = first;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const bytes = chunk.subarray(from, at);
      const found = decoded(rest.length === 0 ? bytes : Buffer.concat([...rest, bytes]), line);
      rest = [];
      from = at + 1;
      line += 1;
      if (found !== null) yield found;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  const last = decoded(Buffer.concat(rest), line);
  if (last !== null) yield last;
}
