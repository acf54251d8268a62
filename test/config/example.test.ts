import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';
import { NOW } from './support.ts';

const file = fileURLToPath(new URL('../../examples/mc-ingest.yaml', import.meta.url));

test('the example is valid with an empty environment, without a warning', async () => {
  const options = { file, cwd: dirname(file), env: {}, sourceTypes: SOURCE_TYPES, secrets: 'defer', now: NOW } as const;
  const { config, problems } = await loadConfig(options);
  expect(problems).toEqual([]);
  expect(config).toMatchObject({ project: 'shop', removed: ['node:old_report', 'edge:old_report->stg_orders'] });
  expect(config?.edges).toHaveLength(4);
});

test('the example uses every top-level key of the schema', () => {
  const { properties } = configSchema(SOURCE_TYPES) as { properties: object };
  const text = readFileSync(file, 'utf8');
  for (const key of Object.keys(properties)) expect(text).toMatch(new RegExp(`^${key}:`, 'm'));
});

test('the schema on disk is the one the sources make, and describes every property', () => {
  const path = fileURLToPath(new URL('../../schemas/mc-ingest.schema.json', import.meta.url));
  const schema = JSON.parse(readFileSync(path, 'utf8')) as unknown;
  expect(schema).toEqual(JSON.parse(JSON.stringify(configSchema(SOURCE_TYPES))));
  const open: unknown[] = [schema];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if ('properties' in node && 'type' in node)
      for (const [name, property] of Object.entries(node.properties as object))
        if (!('$ref' in property))
          expect([name, 'description' in property || 'title' in property]).toEqual([name, true]);
    open.push(...Object.values(node));
  }
});
