import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** More files than a pattern may name: nobody means that many. */
export const MOST_MATCHES = 10_000;
const MOST_FOLDERS = 100_000;

/** Whether a name matches a pattern of `*` and `?`, in time linear in their product: `*a*a*a*b` must not hang. */
export function matchesSegment(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') [star, from] = [p++, n];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) [p, n] = [p + 1, n + 1];
    else if (star >= 0) [p, n] = [star + 1, ++from];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/**
 * Files under `dir` that match a glob (`*`, `?` within a folder, `**` for any folders), sorted by name. Hidden entries
 * are not matched by wildcards; symbolic links are listed as what they are, the caller decides.
 */
export async function glob(dir: string, pattern: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  await walk('', parts, { dir, found, seen: new Set() });
  return [...found].sort();
}

interface Walk {
  readonly dir: string;
  readonly found: Set<string>;
  /** Folder and rest of the pattern: `**` twice would come to the same folder in many ways. */
  readonly seen: Set<string>;
}

async function walk(prefix: string, parts: readonly string[], state: Walk): Promise<void> {
  const [part, ...rest] = parts;
  const id = `${parts.length}\n${prefix}`;
  if (part === undefined || state.found.size > MOST_MATCHES || state.seen.has(id)) return;
  if (state.seen.size > MOST_FOLDERS) return;
  state.seen.add(id);
  if (part === '**' && rest.length > 0) await walk(prefix, rest, state);
  const entries = await readdir(join(state.dir, prefix), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.name.startsWith('.') && !part.startsWith('.')) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (part === '**') {
      if (entry.isDirectory() && entry.name !== 'node_modules') await walk(path, parts, state);
      else if (rest.length === 0 && !entry.isDirectory()) state.found.add(path);
    } else if (!matchesSegment(part, entry.name)) continue;
    else if (rest.length === 0) {
      if (!entry.isDirectory()) state.found.add(path);
    } else if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, state);
  }
}
