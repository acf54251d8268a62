import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';

type Schema = Readonly<Record<string, unknown>>;

const SCHEMA = JSON.parse(JSON.stringify(configSchema(SOURCE_TYPES))) as Schema;
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(SCHEMA, 'config');

interface Found {
  readonly pointer: string;
  readonly schema: Schema;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolve(schema: Schema): Schema {
  const name = /^#\/\$defs\/(.+)$/.exec(String(schema['$ref']))?.[1];
  return name === undefined ? schema : ((SCHEMA['$defs'] as Record<string, Schema>)[name] ?? {});
}

/** Every property and every definition, with its JSON pointer. */
function* properties(schema: unknown, pointer = '#'): Generator<Found> {
  if (Array.isArray(schema)) for (const [at, item] of schema.entries()) yield* properties(item, `${pointer}/${at}`);
  if (!isSchema(schema)) return;
  for (const [key, value] of Object.entries(schema)) {
    // `if` says only which branch is meant; what it names is described in the branch.
    if (['if', 'examples', 'default', 'const', 'enum'].includes(key)) continue;
    if ((key === 'properties' || key === '$defs') && isSchema(value))
      for (const [name, property] of Object.entries(value)) {
        const at = `${pointer}/${key}/${name}`;
        if (isSchema(property)) yield { pointer: at, schema: property };
        yield* properties(property, at);
      }
    else yield* properties(value, `${pointer}/${key}`);
  }
}

const ALL = [...properties(SCHEMA)];

test('the schema is of draft 2020-12, and ajv compiles it', () => {
  expect(SCHEMA['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(ajv.getSchema('config')).toBeTypeOf('function');
  expect(ALL.length).toBeGreaterThan(50);
});

test('every property has a description', () => {
  const without = ALL.filter(({ schema }) => typeof resolve(schema)['description'] !== 'string');
  expect(without.map(({ pointer }) => pointer)).toEqual([]);
});

test('every choice has a title', () => {
  const without = ALL.filter(({ schema }) => {
    if (Array.isArray(schema['enum'])) return true;
    const choices = Array.isArray(schema['oneOf']) ? (schema['oneOf'] as Schema[]) : [];
    return choices.some((choice) => 'const' in choice && typeof choice['title'] !== 'string');
  });
  expect(without.map(({ pointer }) => pointer)).toEqual([]);
});

test('every text, number and list of ours has an example or a default', () => {
  const without = ALL.filter(({ pointer, schema }) => {
    // What a kind of source takes is described with that source.
    if (pointer.startsWith('#/$defs/source_')) return false;
    const { type, examples, default: preset, const: only } = resolve(schema);
    const plain = ['string', 'integer', 'number', 'array'].includes(String([type].flat()[0]));
    return plain && examples === undefined && preset === undefined && only === undefined;
  });
  expect(without.map(({ pointer }) => pointer)).toEqual([]);
});

test('every example and default is valid where it stands', () => {
  for (const { pointer, schema } of ALL) {
    const { examples, default: preset } = schema;
    for (const value of [
      ...(Array.isArray(examples) ? (examples as unknown[]) : []),
      ...(preset === undefined ? [] : [preset]),
    ]) {
      const valid = ajv.validate({ $ref: `config${pointer.replaceAll('$', '%24')}` }, value);
      expect([pointer, value, valid ? 'valid' : ajv.errorsText()]).toEqual([pointer, value, 'valid']);
    }
  }
});

const FIXTURES = new URL('../fixtures/config/', import.meta.url);

/** Faults that the schema can know, and that an editor therefore shows. */
const KNOWN_TO_THE_SCHEMA = ['missing-project', 'not-allowed', 'unknown-key', 'wrong-type'];

test('an editor accepts the example, and refuses what the schema can know', () => {
  const valid = (text: string): boolean =>
    ajv.validate('config', parse(text, { version: '1.2', uniqueKeys: false })) === true;
  expect([
    valid(readFileSync(new URL('../../examples/mc-ingest.yaml', import.meta.url), 'utf8')),
    ajv.errorsText(),
  ]).toEqual([true, 'No errors']);
  const names = readdirSync(FIXTURES).map((name) => name.replace('.yaml', ''));
  for (const name of KNOWN_TO_THE_SCHEMA) {
    expect(names).toContain(name);
    expect([name, valid(readFileSync(new URL(`${name}.yaml`, FIXTURES), 'utf8'))]).toEqual([name, false]);
  }
});
