import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cli, folder } from '../support/cli.ts';

const CONFIG = `version: 1
project: files
resources:
  lake: { uuid: 11111111-1111-4111-8111-111111111111, resource_type: data-lake }
sources:
  tables: { type: file, resource: lake, path: tables.csv }
  program: { type: exec, resource: lake, command: [node, -e, "console.log('{}'); console.log('{\\"end\\":true,\\"events\\":1,\\"complete\\":true}')"] }
flows:
  tables: { source: tables, collect: metadata }
  program: { source: program, collect: table_lineage }
`;

let place: Awaited<ReturnType<typeof folder>>;
beforeEach(async () => {
  place = await folder({
    'mc-ingest.yaml': CONFIG,
    'tables.csv': 'database,schema,name,type,row_count\nd,s,good,TABLE,1\nd,s,bad,TABLE,-1\nd,s,worse,TABLE,many\n',
  });
});
afterEach(() => place.remove());

it('shows every problem of what a flow read, with its place, its code and more, and the first in the run document', async () => {
  const { code, stdout, stderr } = await cli(['collect', 'tables', 'program', '--format', 'json'], { cwd: place.path });
  expect(code).toBe(1);
  expect(stderr).toMatch(/error\[MCI\d+\] \S*tables\.csv:3:1 {2}.*row_count/);
  expect(stderr).toMatch(/error\[MCI\d+\] \S*tables\.csv:4:1 {2}.*row_count/);
  expect(stderr).toContain('2 errors in 1 file. Nothing was sent.');
  expect(stderr).toContain('program (stdout):1:1');
  const { changes } = JSON.parse(stdout) as { changes: { error: { message: string } }[] };
  expect(changes[0]?.error.message).toMatch(/tables\.csv:3:1 {2}.*row_count.*; and 1 more$/);
  expect(changes[1]?.error.message).toMatch(/^program \(stdout\):1:1/);
});

it('plans without the secrets of the sources, as CI does on a pull request, and still refuses what is wrong in the file', async () => {
  const secret = CONFIG.replace(
    'tables: { type: file, resource: lake, path: tables.csv }',
    'tables: { type: postgres, resource: lake, password: "${NOT_HERE}" }',
  );
  await writeFile(join(place.path, 'mc-ingest.yaml'), secret);
  const plan = await cli(['plan'], { cwd: place.path });
  expect([plan.code, plan.stderr]).toEqual([0, expect.stringContaining('warning[MCI116]')]);
  await writeFile(join(place.path, 'mc-ingest.yaml'), secret.replace('collect: metadata', 'colect: metadata'));
  expect((await cli(['plan'], { cwd: place.path })).code).toBe(65);
});
