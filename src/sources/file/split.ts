/** The elements of a top-level JSON array as texts, one at a time: the whole is never in memory. */
export async function* elementsOf(chunks: AsyncIterable<string>): AsyncGenerator<{ text: string; line: number }> {
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let element = '';
  let line = 1;
  let started = 1;
  let state: 'before' | 'inside' | 'item' | 'after' = 'before';
  for await (const piece of chunks) {
    const chunk: string = state === 'before' && line === 1 ? piece.replace(/^\ufeff/, '') : piece;
    let from = depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const char = chunk[at];
      if (char === '\n') line += 1;
      if (quoted) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') quoted = false;
        continue;
      }
      const blank = char === ' ' || char === '\n' || char === '\r' || char === '\t';
      if (depth === 0) {
        if (char === '[' && state === 'before') {
          depth = 1;
          state = 'inside';
          from = at + 1;
        } else if (!blank)
          throw new SyntaxError(`line ${line}: expected ${state === 'after' ? 'nothing behind the' : 'a'} JSON array`);
        continue;
      }
      if (char === '"') quoted = true;
      const closes = char === ']' || char === '}';
      if (depth === 1 && (char === ',' || closes)) {
        const text = (element + chunk.slice(from, at)).trim();
        if (text !== '') yield { text, line: started };
        else if (char === ',' || state === 'item')
          throw new SyntaxError(`line ${line}: an item of the JSON array is empty`);
        state = char === ',' ? 'item' : 'inside';
        element = '';
        from = at + 1;
      }
      if (char === '[' || char === '{') {
        if (depth === 1) started = line;
        depth += 1;
      } else if (closes) {
        depth -= 1;
        if (depth === 0) [from, state] = [-1, 'after'];
      }
    }
    if (from >= 0) element += chunk.slice(from);
  }
  if (state === 'before') throw new SyntaxError('line 1: the file is empty, expected a JSON array');
  if (depth !== 0 || quoted) throw new SyntaxError(`line ${line}: the JSON array is cut off`);
}
