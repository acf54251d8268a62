import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';
import { folder, NOW } from './support.ts';

const HEAD = `version: 1
project: p
resources:
  a: { uuid: 00000000-0000-4000-8000-000000000001, resource_type: transactional-db }
  b: { uuid: 00000000-0000-4000-8000-000000000002, resource_type: transactional-db }
`;

async function load(text: string) {
  const cwd = await folder({ 'mc-ingest.yaml': `${HEAD}${text}` });
  const options = { file: 'mc-ingest.yaml', cwd, env: { PW: 'hunter2' }, sourceTypes: SOURCE_TYPES } as const;
  return loadConfig({ ...options, secrets: 'check', now: NOW });
}

test('a sql source carries the connection it names, with its resource and its secrets closed', async () => {
  const { config, problems } = await load(`sources:
  own: { type: sql, connection: shop }
  shop: { type: postgres, resource: b, host: db.internal, password: "\${PW}" }
flows: { m: { source: own, collect: metadata, query: SELECT 1 } }`);
  expect(problems).toEqual([]);
  expect(config?.flows[0]?.resource.name).toBe('b');
  expect(config?.sources[0]?.options['connection']).toMatchObject({
    name: 'shop',
    type: 'postgres',
    options: { host: 'db.internal' },
  });
  expect(JSON.stringify(config)).not.toContain('hunter2');
});

test('a connection that is not there, or that runs no queries, is a problem with a hint', async () => {
  const { problems } = await load(`sources:
  shop: { type: postgres, resource: a }
  files: { type: file, resource: a, path: x.ndjson }
  one: { type: sql, resource: a, connection: shpo }
  two: { type: sql, resource: a, connection: files }
  three: { type: sql, resource: a, connection: three }`);
  expect(problems.map(({ code, message, fix }) => [code, message, fix])).toEqual([
    ['MCI223', 'there is no source shpo', 'did you mean shop?'],
    ['MCI223', 'source files runs no queries', 'one of: shop'],
    ['MCI223', 'source three runs no queries', 'one of: shop'],
  ]);
});

test('a flow on a sql source needs its query, and no other flow takes one', async () => {
  const { problems } = await load(`sources:
  shop: { type: postgres, resource: a }
  own: { type: sql, connection: shop }
flows:
  m: { source: own, collect: metadata }
  n: { source: shop, collect: table_lineage, query: SELECT 1 }`);
  expect(problems.map(({ code }) => code).sort()).toEqual(['MCI221', 'MCI224']);
});

test('a pattern of two segments is a problem, one with a quoted name is not', async () => {
  const { problems } = await load(`sources:
  a: { type: postgres, resource: a, include: [public.*] }
  b: { type: postgres, resource: a, include: ['shop."a.b"."x""y"'] }`);
  expect(problems.map(({ code, path }) => [code, path])).toEqual([['MCI104', 'sources.a.include[0]']]);
});

test('a setting of a source that is written another way is told how, with an example', async () => {
  const { problems } = await load(`sources:
  one: { type: postgres, resource: a, include: [public.orders] }
  two: { type: postgres, resource: a, include: shop.public.*, ssl: require }`);
  expect(problems.map(({ code, message, fix }) => [code, message, fix])).toEqual([
    [
      'MCI104',
      'item 1 of include must be database.schema.table, with * for any text ("public.orders")',
      'for example: shop.public.*',
    ],
    ['MCI102', 'include must be a list, not text', expect.stringContaining('for example: ["shop.public.*"')],
    ['MCI102', 'ssl must be a map, not text', expect.stringContaining('for example: {"mode":"verify-full"')],
  ]);
});

test('a pattern that begins with a star and is not quoted is told so', async () => {
  const { problems } = await load(`sources:
  one: { type: postgres, resource: a, exclude: [*.tmp.*] }`);
  expect(problems).toMatchObject([{ code: 'MCI110', fix: 'text that begins with * stands in quotes: "*.tmp.*"' }]);
});
