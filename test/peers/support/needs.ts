import { existsSync } from 'node:fs';

/** Fails with the command that installs a program, when the program is missing. Returns where it is. */
export function needs(name: string, path: string, install: string): string {
  if (!existsSync(path)) throw new Error(`this test needs ${name} at ${path}: install it with \`${install}\``);
  return path;
}
