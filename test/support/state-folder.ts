import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

afterAll(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** The path of a folder for a state, which is not there yet; gone again when the tests of the file are over. */
export function stateFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mc-state-'));
  made.push(dir);
  return join(dir, 'state');
}
