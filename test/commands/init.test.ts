import { readFile } from 'node:fs/promises';
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
  const source = 'postgres';
  const dir = await folder({ 'mc-ingest.yaml': 'mine' });
  const world = context(dir);
  await expect(init(world.context, { source })).rejects.toMatchObject({ code: 'MCI123', exitCode: 64 });
  expect(await readFile(join(dir, 'mc-ingest.yaml'), 'utf8')).toBe('mine');
  expect(await init(world.context, { source, force: true, ci: 'github' })).toBe(0);
  expect(await readFile(join(dir, '.github/workflows/mc-ingest.yml'), 'utf8')).toContain('apply --yes');
});

test.each(['github', 'gitlab'] as const)(
  'the %s workflow is YAML that validates and plans before it applies',
  (system) => {
    const { text } = workflow(system, { file: 'mc-ingest.yaml', version: '0.1.0' });
    expect(parse(text)).toBeTypeOf('object');
    expect(text.indexOf(' validate ')).toBeLessThan(text.indexOf(' plan '));
    expect(text.indexOf(' plan ')).toBeLessThan(text.indexOf(' apply '));
  },
);
