import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MOST = 10_000;

/** A pattern as a test of one path segment: `*`, `?` and `[…]`-free text. */
function segment(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'u');
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
  await walk(
    '',
    pattern.split('/').filter((part) => part !== '' && part !== '.'),
    { dir, found },
  );
  return [...found].sort();
}

interface Walk {
  readonly dir: string;
  readonly found: Set<string>;
}

async function walk(prefix: string, parts: readonly string[], state: Walk): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined || state.found.size > MOST) return;
  if (part === '**') await walk(prefix, rest, state);
  const matcher = part === '**' ? /^[^.]/ : segment(part);
  const entries = await readdir(join(state.dir, prefix), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!matcher.test(entry.name) || (entry.name.startsWith('.') && !part.startsWith('.'))) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (part === '**') {
      if (entry.isDirectory() && entry.name !== 'node_modules') await walk(path, parts, state);
    } else if (rest.length === 0) {
      if (!entry.isDirectory()) state.found.add(path);
    } else if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, state);
  }
}
