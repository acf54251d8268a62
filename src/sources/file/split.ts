/** The elements of a top-level JSON array as texts, one at a time: the whole is never in memory. */
export async function* elementsOf(chunks: AsyncIterable<string>): AsyncGenerator<{ text: string; line: number }> {
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let element = '';
  let line = 1;
  let started = 1;
  for await (const chunk of chunks) {
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
        if (char === '[') {
          depth = 1;
          from = at + 1;
        } else if (!blank) throw new SyntaxError(`line ${line}: expected a JSON array`);
        continue;
      }
      if (char === '"') quoted = true;
      const closes = char === ']' || char === '}';
      if (depth === 1 && (char === ',' || closes)) {
        const text = (element + chunk.slice(from, at)).trim();
        if (text !== '') yield { text: text.replace(/[\r\n]+/g, ' '), line: started };
        element = '';
        from = at + 1;
      }
      if (char === '[' || char === '{') {
        if (depth === 1) started = line;
        depth += 1;
      } else if (closes) {
        depth -= 1;
        if (depth === 0) from = -1;
      }
    }
    if (from >= 0) element += chunk.slice(from);
  }
  if (depth !== 0 || quoted) throw new SyntaxError(`line ${line}: the JSON array is cut off`);
}
