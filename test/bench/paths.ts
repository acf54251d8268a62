import { fileURLToPath } from 'node:url';

/** The project's folder. This file runs compiled, from `node_modules/.cache/bench/test/bench/`. */
export const ROOT = new URL('../../../../../', import.meta.url);

/** The built command line. */
export const CLI = fileURLToPath(new URL('dist/cli.js', ROOT));

/** A compiled program of this folder, to be run in a process of its own. */
export function program(name: string): string {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url));
}

/** A built module of the product: what is measured is what is shipped. */
export function built(path: string): string {
  return new URL(`dist/${path}`, ROOT).href;
}
