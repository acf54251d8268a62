import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';

function pattern(glob: string): RegExp {
  const text = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (mark) =>
      mark === '**/' ? '(?:.*/)?' : mark === '**' ? '.*' : mark === '*' ? '[^/]*' : '[^/]',
    );
  return new RegExp(`^${text}$`);
}

/** Files that a path or a glob (`*`, `**`, `?`) names, sorted; relative to `dir`. A path without a wildcard is taken as it is. */
export async function expand(dir: string, glob: string): Promise<readonly string[]> {
  if (!/[*?]/.test(glob)) return [resolve(dir, glob)];
  const fixed = glob.slice(0, glob.slice(0, glob.search(/[*?]/)).lastIndexOf('/') + 1);
  const root = resolve(dir, fixed);
  const wanted = pattern(glob.slice(fixed.length));
  const deep = glob.slice(fixed.length).includes('/') || glob.includes('**');
  const found = await readdir(root, { recursive: deep, withFileTypes: true }).catch(() => []);
  const named = found
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => wanted.test(path.slice(root.length + 1).replaceAll(sep, '/')));
  const files = await Promise.all(
    named.map(async (path) => ((await stat(path).catch(() => null))?.isFile() ? path : [])),
  );
  return files.flat().sort();
}
