import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codes, folder, load, loadText } from './support.ts';

const HEAD = 'version: 1\nproject: shop\n';

test('a missing file and a directory are problems at line 1, column 1', async () => {
  const dir = await folder({});
  expect((await load(dir)).problems).toMatchObject([{ code: 'MCI100', line: 1, column: 1, file: 'mc-ingest.yaml' }]);
  await mkdir(join(dir, 'mc-ingest.yaml'));
  expect((await load(dir)).problems).toMatchObject([{ code: 'MCI100', message: 'this is a directory' }]);
});

test.each([
  ['flow lists', `${HEAD}include: ${'['.repeat(100_000)}`],
  ['flow maps', `${HEAD}lineage: ${'{a: '.repeat(100_000)}`],
  ['compact lists', `${'- '.repeat(100_000)}x`],
  ['indentation', Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth % 400)}k${depth}:`).join('\n')],
  ['explicit keys', `${'? '.repeat(100_000)}x`],
])('100,000 levels of %s are a problem, not a crash', async (_, text) => {
  expect(codes(await loadText(text))).toEqual(['MCI109']);
});

test('100,000 levels in JSON are a problem, not a crash', async () => {
  const deep = `{"lineage": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const dir = await folder({ 'mc-ingest.yaml': `${HEAD}include: [a.json]`, 'a.json': deep });
  expect(codes(await load(dir))).toEqual(['MCI109']);
});

test('brackets and indentation inside text do not count as nesting', async () => {
  const query = Array.from({ length: 200 }, (_, depth) => `        ${' '.repeat(depth)}(${'['.repeat(3)} {`).join('\n');
  const text = `${HEAD}lineage:\n  nodes:\n    a:\n      objectType: job\n      objectId: "${'['.repeat(100)}"\n      expireAt: never\n      name: |\n${query}\n`;
  expect(codes(await loadText(text))).toEqual([]);
});

test('invalid UTF-8, a large file and JSON that does not parse each have their code', async () => {
  expect(codes(await loadText(new Uint8Array([0x76, 0xff, 0xfe])))).toEqual(['MCI107']);
  expect(codes(await loadText(`${HEAD}#${'x'.repeat(1_100_000)}`))).toEqual(['MCI108']);
  const dir = await folder({ 'mc-ingest.yaml': `${HEAD}include: [a.json]`, 'a.json': '{"lineage":\n {,}}' });
  expect((await load(dir)).problems).toMatchObject([{ code: 'MCI105', file: 'a.json', line: 2 }]);
});

test('duplicate and forbidden keys in JSON are found, with their place', async () => {
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: [a.json]`,
    'a.json': '{"lineage": {"nodes": {}, "nodes": {},\n "__proto__": {}}}',
  });
  const { problems } = await load(dir);
  expect(problems.map((problem) => [problem.code, problem.line, problem.column])).toEqual([
    ['MCI106', 1, 27],
    ['MCI111', 2, 2],
  ]);
});

test.each([
  ['an alias inside its own anchor', 'lineage: &a { nodes: *a }', 'MCI110', 3, 22],
  ['an alias without an anchor', 'lineage: *nope', 'MCI110', 3, 10],
  ['a second document', '---\nproject: b', 'MCI105', 3, 1],
  ['text behind the end of the document', '...\nfoo: 1', 'MCI105', 4, 1],
  [
    'half of a surrogate pair',
    'lineage: { nodes: { a: { objectType: j, objectId: "\\uD800", expireAt: never } } }',
    'MCI104',
    3,
    51,
  ],
  [
    'a number as a name',
    'lineage: { nodes: { 007: { objectType: j, objectId: x, expireAt: never } } }',
    'MCI102',
    3,
    21,
  ],
  ['a merge key', 'state: { <<: { path: x } }', 'MCI101', 3, 10],
  [
    'a quote in plain text in front of deep nesting',
    `lineage:\n  a: b "\n  b: ${'['.repeat(30_000)}`,
    'MCI109',
    5,
    791,
  ],
])('%s is a problem at its place', async (_, text, code, line, column) => {
  const { config, problems } = await loadText(`${HEAD}${text}\n`);
  expect(config).toBeNull();
  const { column: found } = problems[0] ?? { column: 0 };
  expect(problems[0]).toMatchObject({ code, line, column: code === 'MCI109' ? found : column });
});

test('too many aliases are shown at the first of them', async () => {
  const rows = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let at = 1; at < 9; at++)
    rows.push(`${'abcdefghij'[at]}: &${'abcdefghij'[at]} [${`*${'abcdefghij'[at - 1]},`.repeat(9)}]`);
  expect((await loadText(`${HEAD}${rows.join('\n')}`)).problems).toMatchObject([
    { code: 'MCI110', line: 4, column: 8 },
  ]);
});

test('a forbidden key does not hide the other problems of its file', async () => {
  const text = `${HEAD}lineage:\n  nodes: { __proto__: { a: 1 } }\n  edges: [{ from: x, to: y, expireAt: never }]\nbogus: 1`;
  expect(codes(await loadText(text))).toEqual(['MCI111', 'MCI101', 'MCI205', 'MCI205']);
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: [a.json]`,
    'a.json': '{"__proto__": {"x": 1}, "bogus": 1}',
  });
  expect(codes(await load(dir))).toEqual(['MCI111', 'MCI101']);
});

test.each([
  ['{"lineage": tru}', 1, 13],
  ['{"lineage": {}} x', 1, 17],
  ['{\n "lineage": {},\n}', 3, 1],
  ['{"a": 01}', 1, 8],
  ["{'a': 1}", 1, 2],
  ['[1, 2', 1, 6],
  ['{"a": "x\ty"}', 1, 7],
])('JSON that does not parse is shown where it breaks: %s', async (text, line, column) => {
  const dir = await folder({ 'mc-ingest.yaml': `${HEAD}include: [a.json]`, 'a.json': text });
  expect((await load(dir)).problems).toMatchObject([{ code: 'MCI105', file: 'a.json', line, column }]);
});

test('duplicate and forbidden keys name their path', async () => {
  const { problems } = await loadText(`${HEAD}lineage: { nodes: { a: {}, a: {} }, edges: [{ __proto__: 1 }] }`);
  expect(problems.map(({ path }) => path)).toContain('lineage.nodes.a');
  expect(problems.map(({ path }) => path)).toContain('lineage.edges[0].__proto__');
});

test('a glob that would take exponential time, or goes through every folder many times, ends at once', async () => {
  const deep = `${'d/'.repeat(24)}x.yaml`;
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: ["${'*a'.repeat(30)}b.yaml", "${'**/'.repeat(20)}y.yaml"]`,
    [`${'a'.repeat(200)}.yaml`]: 'lineage: {}',
    [deep]: 'lineage: {}',
  });
  expect(codes(await load(dir))).toEqual(['MCI113', 'MCI113']);
});

test('100,000 broken edges are looked through in bounded time, and what is not shown is counted', async () => {
  const nodes = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, at) => [`node_${at}`, { objectType: 'j', objectId: `${at}` }]),
  );
  const edges = Array.from({ length: 50_000 }, (_, at) => ({ from: `nade_${at}`, to: 'b', edgeType: 'X' }));
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: [a.json]`,
    'a.json': JSON.stringify({ lineage: { defaults: { expireAt: 'never' }, nodes, edges } }),
  });
  const { problems } = await load(dir);
  expect(problems).toHaveLength(1_001);
  expect(problems.find(({ code }) => code === 'MCI124')?.message).toMatch(/^149000 more problems/);
}, 20_000);
