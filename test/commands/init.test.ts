import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { init, starter } from '../../src/commands/init.ts';
import { workflow } from '../../src/commands/init-ci.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';
import { folder, TYPES } from '../config/support.ts';
import { context } from './config-context.ts';

test('the starter of every kind of source is valid, with the schema line first', async () => {
  const types = { ...TYPES, ...SOURCE_TYPES };
  for (const type of Object.values(types)) {
    const own = SOURCE_TYPES[type.type] ?? { ...type, starter: `sources: {}\nflows: {}` };
    const text = starter(own, 'shop');
    expect(text).toMatch(/^# yaml-language-server: \$schema=/);
    const cwd = await folder({ 'mc-ingest.yaml': text });
    const options = { file: 'mc-ingest.yaml', cwd, env: {}, sourceTypes: types, secrets: 'defer' } as const;
    const { problems } = await loadConfig(options);
    expect([type.type, problems.filter((problem) => problem.severity === 'error')]).toEqual([type.type, []]);
  }
});

test.each(Object.keys(SOURCE_TYPES))('init --source %s writes a file that validates and has a flow', async (source) => {
  const dir = await folder({});
  const world = context(dir);
  expect(await init(world.context, { source })).toBe(0);
  const options = { file: 'mc-ingest.yaml', cwd: dir, sourceTypes: SOURCE_TYPES, secrets: 'check' } as const;
  for (const env of [
    {},
    { PGHOST: 'db.example', PGDATABASE: 'shop', MCD_RESOURCE_UUID: '11111111-1111-4111-8111-111111111111' },
  ]) {
    const { config, problems } = await loadConfig({ ...options, env });
    expect(problems).toEqual([]);
    expect(config?.flows.map((flow) => flow.source.type)).toContain(source);
  }
});

test('an unknown kind of source is a usage error that names the known ones', async () => {
  const world = context(await folder({}));
  await expect(init(world.context, { source: 'postgers' })).rejects.toMatchObject({ exitCode: 64, code: 'MCI003' });
});

test('init overwrites only with force', async () => {
  const source = 'file';
  const dir = await folder({ 'mc-ingest.yaml': 'mine' });
  const world = context(dir);
  await expect(init(world.context, { source })).rejects.toMatchObject({ code: 'MCI123', exitCode: 64 });
  expect(await readFile(join(dir, 'mc-ingest.yaml'), 'utf8')).toBe('mine');
  expect(await init(world.context, { source, force: true, ci: 'github' })).toBe(0);
  expect(await readFile(join(dir, '.github/workflows/mc-ingest.yml'), 'utf8')).toContain('apply --yes');
});

test.each(['github', 'gitlab'] as const)(
  'the %s workflow is YAML that plans, without the secrets of the sources, before it applies',
  (system) => {
    const { text } = workflow(system, { file: 'mc-ingest.yaml', version: '0.1.0' });
    expect(parse(text)).toBeTypeOf('object');
    const words = [...text.matchAll(/mc-ingest@0\.1\.0 (\w+)/g)].map(([, word]) => word);
    expect(words).toEqual(['plan', 'apply']);
  },
);

test('the github workflow pins its actions by commit, gives the plan no key, and comments with the least rights', () => {
  const { text } = workflow('github', { file: "conf/my file's.yaml", version: '0.1.0' });
  const found = parse(text) as {
    permissions: unknown;
    jobs: Record<'plan' | 'apply', { env: object; permissions?: unknown; steps: { uses?: string; run?: string }[] }>;
  };
  const { plan, apply } = found.jobs;
  for (const { uses } of [...plan.steps, ...apply.steps])
    if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
  expect(found.permissions).toEqual({ contents: 'read' });
  expect(plan.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
  expect(Object.keys(plan.env)).toEqual(['MCD_RESOURCE_UUID']);
  expect(Object.keys(apply.env)).toContain('MCD_INGEST_TOKEN');
  expect(plan.steps.some(({ run }) => run?.includes('gh pr comment'))).toBe(true);
  expect(apply.steps.some(({ run }) => run?.includes(`--config 'conf/my file'\\''s.yaml'`))).toBe(true);
  expect(JSON.stringify(apply.steps)).toContain('"path":"conf/.mc-ingest"');
});

test('nothing is written when one of the files is there already', async () => {
  const dir = await folder({ '.gitlab-ci.yml': 'mine' });
  const world = context(dir);
  await expect(init(world.context, { source: 'file', ci: 'gitlab' })).rejects.toMatchObject({ code: 'MCI123' });
  expect(await readdir(dir)).toEqual(['.gitlab-ci.yml']);
});

test('the first line of the starter names a schema that is there', async () => {
  const dir = await folder({});
  expect(await init(context(dir).context, { source: 'file', file: 'conf/mc-ingest.yaml' })).toBe(0);
  const text = await readFile(join(dir, 'conf/mc-ingest.yaml'), 'utf8');
  const [, name = ''] = /^# yaml-language-server: \$schema=(.+)$/m.exec(text) ?? [];
  const schema = JSON.parse(await readFile(join(dir, 'conf', name), 'utf8')) as object;
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
});
