import type { Statement } from '../connection.ts';

/**
 * What is not looked into: quoted texts and names (a backslash escapes in E'…' only), dollar quotes, comments, casts; then
 * the parameters.
 */
const TOKEN =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|::|(?<![\w:[]):(from|to)\b/g;

/** A query cut at `:from` and `:to`. A `;` at its end is dropped: one statement is sent. */
export function statementOf(query: string): Statement {
  const text = query.replace(/[\s;]+$/, '');
  const parts: (string | { readonly bind: string })[] = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    const name = found[2];
    if (name === undefined) continue;
    parts.push(text.slice(from, found.index), { bind: name });
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** The parameters a query uses. */
export function bindsOf(statement: Statement): readonly string[] {
  return [...new Set(statement.flatMap((part) => (typeof part === 'string' ? [] : [part.bind])))];
}
