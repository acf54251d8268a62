import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
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

const WORDS = [
  'version',
  'project',
  'sources',
  'flows',
  'lineage',
  'nodes',
  'edges',
  'a',
  'b',
  'metadata',
  'never',
  '${X}',
  '__proto__',
  '*a',
  '&a',
  '!!map',
  '<<',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '\n',
  '\n  ',
  ',',
  '|',
  '1',
  '\t',
  '#',
  '\u0000',
  '😀',
  'type: postgres',
  'from',
  'to',
  'expireAt',
];
const BASE = `version: 1
project: shop
resources: { w: { uuid: "\${U:-00000000-0000-4000-8000-000000000001}", resource_type: snowflake } }
sources: { pg: { type: postgres, resource: w, password: "\${PW}", include: [a.*.*] } }
flows: { m: { source: pg, collect: metadata, every: 1h } }
lineage:
  defaults: { expireAt: never }
  nodes: { a: { objectType: job, objectId: x }, b: { objectType: job, objectId: y } }
  edges: [{ from: a, to: b }, { from: a, to: { table: A.B.C, resource: w } }]
moved: [{ from: "node:x", to: "node:a" }]
removed: ["node:z", { key: "node:q" }]
`;

test('300 mutated files end in problems with places, never in a crash, and leave Object.prototype alone', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const dir = await folder({});
  const mutation = fc.record({
    at: fc.nat(BASE.length),
    cut: fc.nat(12),
    put: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }),
  });
  const { writeFile } = await import('node:fs/promises');
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      let text = BASE;
      for (const { at, cut, put } of mutations) text = text.slice(0, at) + put.join('') + text.slice(at + cut);
      await writeFile(join(dir, 'mc-ingest.yaml'), text);
      const loaded = await load(dir, { env: { PW: 'hunter2' } });
      expect(loaded.config === null).toBe(loaded.problems.some((problem) => problem.severity === 'error'));
      for (const problem of loaded.problems) {
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.column).toBeGreaterThan(0);
        expect(problem.message).not.toContain('hunter2');
      }
    }),
    { numRuns: 300 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
});
