import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cli, folder } from './support/cli.ts';

const README = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
const FILE = /```yaml\n([\s\S]*?)```/.exec(README)?.[1] ?? '';

let place: Awaited<ReturnType<typeof folder>>;
beforeEach(async () => {
  place = await folder({ 'mc-ingest.yaml': FILE });
});
afterEach(() => place.remove());

it('shows a file that validates and plans as it stands', async () => {
  const env = { MCD_RESOURCE_UUID: '11111111-1111-4111-8111-111111111111', PGPASSWORD: 'x' };
  const valid = await cli(['validate'], { cwd: place.path, env });
  expect(valid.stdout + valid.stderr).toContain('mc-ingest.yaml is valid: 1 source, 2 flows, 2 nodes, 2 edges');
  const plan = await cli(['plan'], { cwd: place.path, env });
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('shop · 6 items')]);
  expect(README).toContain('shop · 6 items · nothing to do');
});

it('begins its file as `init` does, and names no other place for the schema', async () => {
  await cli(['init', '--file', 'other.yaml'], { cwd: place.path });
  expect(FILE.split('\n')[0]).toBe(readFileSync(`${place.path}/other.yaml`, 'utf8').split('\n')[0]);
});

it('names commands that are there', async () => {
  const table = [...README.matchAll(/^\| `(.*?)` \| /gm)].flatMap(([, cell = '']) => cell.split('`, `'));
  const named = table.map((cell) => cell.split(' ')[0] ?? '').filter((name) => /^[a-z]+$/.test(name));
  expect(named.length).toBeGreaterThan(10);
  const { stdout } = await cli(['--help'], { cwd: place.path });
  for (const name of named) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
});
