/** One row, and the line it begins on. */
export interface CsvRow {
  readonly cells: string[];
  readonly line: number;
}

/**
 * The rows of RFC 4180 text, streamed: quotes doubled inside quotes, line breaks inside quotes kept, lines that end in CRLF
 * or LF, a byte order mark passed over, blank lines left out. Throws SyntaxError with the line for a quote that is not closed
 * and for text behind a closing quote.
 */
export async function* csvRows(chunks: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let cells: string[] = [];
  let cell = '';
  let state: 'plain' | 'quoted' | 'closing' | 'closed' = 'plain';
  let [line, started, fresh] = [1, 1, true];
  const ended = (): CsvRow | null => {
    const plain = state === 'plain' && cell.endsWith('\r') ? cell.slice(0, -1) : cell;
    const blank = cells.length === 0 && plain === '' && state === 'plain';
    const row = { cells: [...cells, plain], line: started };
    [cells, cell, state, started] = [[], '', 'plain', line];
    return blank ? null : row;
  };
  for await (const chunk of chunks)
    for (const char of chunk) {
      if (fresh) {
        fresh = false;
        if (char === '\ufeff') continue;
      }
      if (char === '\n') line += 1;
      if (state === 'quoted') {
        if (char === '"') state = 'closing';
        else cell += char;
      } else if (state === 'closing' && char === '"') {
        cell += char;
        state = 'quoted';
      } else if (char === ',') {
        cells.push(cell);
        [cell, state] = ['', 'plain'];
      } else if (char === '\n') {
        const row = ended();
        if (row !== null) yield row;
      } else if (state !== 'plain') {
        if (char !== '\r') throw new SyntaxError(`line ${line}: text behind the closing quote of a field`);
        state = 'closed';
      } else if (char === '"' && cell === '') state = 'quoted';
      else cell += char;
    }
  if ((state as string) === 'quoted') throw new SyntaxError(`line ${started}: a quoted field is not closed`);
  const last = ended();
  if (last !== null) yield last;
}
