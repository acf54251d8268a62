/**
 * Runs at the end of `npm run build`: joins what every command loads into few files, since finding and opening two hundred
 * small ones took longer than running them. `dist/cli.js` is replaced by the joined one; the modules it was made of stay
 * beside it, for programs that import the package.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PreRenderedChunk } from 'rolldown';

const dist = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
rmSync(`${dist}/chunks`, { recursive: true, force: true });

/** Packages of the start-up path. All others are loaded from node_modules when they are needed, drivers above all. */
const JOINED = ['commander', 'yaml', 'ajv'];

/** A module that reads files beside itself must stay in its folder: so its chunk is put there. */
function folderOf({ name, moduleIds }: PreRenderedChunk): string {
  const bound = moduleIds.filter(
    (id) => id.startsWith(dist) && /new URL\([^)]*import\.meta\.url/.test(readFileSync(id, 'utf8')),
  );
  const folders = new Set(bound.map(dirname));
  if (folders.size > 1)
    throw new Error(`chunk ${name} holds modules that read files from ${[...folders].join(' and ')}`);
  const [folder = `${dist}/chunks`] = folders;
  return relative(dist, folder);
}

/** The compiled validators make a require() of their own for the helpers of ajv; without it those are joined too. */
function joinRequired(code: string, id: string): string | null {
  return /config-validator\.js$|\/validators\/\w+\.js$/.test(id)
    ? code.replace(/^import \{ createRequire \}.*\nconst require = .*\n/, '')
    : null;
}

await build({
  input: `${dist}/cli.js`,
  platform: 'node',
  plugins: [{ name: 'join-required', transform: joinRequired }],
  external: (id, _, resolved) =>
    !resolved && !/^[./#]/.test(id) && !JOINED.some((name) => id === name || id.startsWith(`${name}/`)),
  output: {
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: (chunk) => [folderOf(chunk), '[name]-[hash].js'].filter((part) => part !== '').join('/'),
  },
});
