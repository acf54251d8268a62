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

test('the example shows every setting of every kind of source, of a flow and of an item', () => {
  const { $defs } = configSchema(SOURCE_TYPES) as { $defs: Record<string, { properties?: Record<string, object> }> };
  const text = readFileSync(file, 'utf8');
  const keys = (schema: object): string[] =>
    'properties' in schema
      ? Object.entries(schema.properties as Record<string, object>).flatMap(([key, value]) => [key, ...keys(value)])
      : [];
  const named = Object.entries($defs).flatMap(([name, schema]) => keys(schema).map((key) => [name, key] as const));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(([, key]) => !new RegExp(`\\b${key}: `).test(text))).toEqual([]);
});

test('the schema on disk is the one the sources make', () => {
  const path = fileURLToPath(new URL('../../schemas/mc-ingest.schema.json', import.meta.url));
  const schema = JSON.parse(readFileSync(path, 'utf8')) as unknown;
  expect(schema).toEqual(JSON.parse(JSON.stringify(configSchema(SOURCE_TYPES))));
});

type Schema = Readonly<Record<string, unknown>>;

/** Every property of the schema with its path. References stand for what they point at. */
function* propertiesOf(node: unknown, path = ''): Generator<readonly [string, Schema]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, member] of Object.entries(node)) {
    if (key === 'examples' || key === 'default') continue;
    if (key === 'properties' && 'type' in node)
      for (const [name, property] of Object.entries(member as Readonly<Record<string, Schema>>))
        yield [`${path}/${name}`, property];
    yield* propertiesOf(member, `${path}/${key}`);
  }
}

test('every property has a description, and an example or a fixed value', () => {
  const found = [...propertiesOf(configSchema(SOURCE_TYPES))];
  expect(found.length).toBeGreaterThan(60);
  const lacking = found.filter(([, property]) => {
    if ('$ref' in property || 'const' in property) return false;
    return typeof property['description'] !== 'string' || !('examples' in property || 'default' in property);
  });
  expect(lacking.map(([path]) => path)).toEqual([]);
});

test('every choice has a title', () => {
  const open: unknown[] = [configSchema(SOURCE_TYPES)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    expect(node).not.toHaveProperty('enum');
    if ('oneOf' in node)
      for (const choice of node.oneOf as readonly Schema[])
        if ('const' in choice) expect(choice).toHaveProperty('title');
    open.push(...Object.values(node));
  }
});

test('the example uses every kind of source and every setting that has no secret behind it', () => {
  const text = readFileSync(file, 'utf8');
  for (const type of Object.values(SOURCE_TYPES)) {
    expect(text).toMatch(new RegExp(`type: ${type.type}\\b`));
    for (const name of Object.keys(type.flowProperties)) expect(text).toMatch(new RegExp(`\\b${name}:`));
  }
  for (const name of Object.keys(SOURCE_TYPES['postgres']?.properties ?? {}).filter((name) => name !== 'port'))
    expect(text).toMatch(new RegExp(`\\b${name}:`));
});
