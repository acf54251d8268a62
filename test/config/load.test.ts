import { link, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { requireConfig } from '../../src/config/load.ts';
import { ProblemsError } from '../../src/errors.ts';
import { painter } from '../../src/output/paint.ts';
import { problemsText } from '../../src/output/problems.ts';
import { codes, folder, load, loadText, TYPES } from './support.ts';

const HEAD = 'version: 1\nproject: shop\n';
const RESOURCE = 'resources: { w: { uuid: 00000000-0000-4000-8000-000000000001, resource_type: snowflake } }\n';

test('version and project alone are a valid file', async () => {
  const { config, problems } = await loadText(HEAD);
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    project: 'shop',
    flows: [],
    nodes: [],
    state: { backend: 'file', path: expect.stringMatching(/^\/.+\/\.mc-ingest\/state\.json$/) },
  });
});

test('nodes get the mark, whole date-times and sorted properties', async () => {
  const { config } = await loadText(
    `${HEAD}lineage: { defaults: { expireAt: never, resourceName: dbt }, nodes: { a: { objectType: job, objectId: x, properties: { z: '1', b: '2' } }, b: { objectType: job, objectId: y, expireAt: 2031-05-01 }, c: { objectType: job, objectId: z, expireAt: "2031-05-01T12:30:00.5+02:00" }, d: { objectType: job, objectId: q, expireAt: 30d } } }`,
  );
  expect(config?.nodes.map((node) => node.expireAt)).toEqual([
    '9999-12-31T00:00:00+00:00',
    '2031-05-01T00:00:00+00:00',
    '2031-05-01T12:30:00+02:00',
    '30d',
  ]);
  expect(Object.entries(config?.nodes[0]?.properties ?? {})).toEqual([
    ['b', '2'],
    ['mc_ingest', 'shop/a'],
    ['z', '1'],
  ]);
  expect(config?.nodes[0]?.resourceName).toBe('dbt');
  expect(config?.nodes[1]?.origin).toMatchObject({ file: 'mc-ingest.yaml', line: 3, path: 'lineage.nodes.b' });
});

test('lineage.mark false leaves the mark out', async () => {
  const { config } = await loadText(
    `${HEAD}lineage: { mark: false, nodes: { a: { objectType: job, objectId: x, expireAt: never } } }`,
  );
  expect(config?.nodes[0]?.properties).toEqual({});
});

test('the ends of edges become identities, and tables database:schema.table', async () => {
  const { config, problems } = await loadText(
    `${HEAD}${RESOURCE}lineage: { defaults: { expireAt: never, resourceName: dbt }, nodes: { a: { objectType: job, objectId: x } }, edges: [{ from: a, to: { table: DB.S.T, resource: w } }, { from: { objectType: report, objectId: r }, to: a }] }`,
  );
  expect(problems).toEqual([]);
  expect(config?.edges.map((edge) => edge.key)).toEqual(['a->table:DB:S.T', 'report:r->a']);
  expect(config?.edges[0]?.to).toEqual({
    objectType: 'table',
    objectId: 'DB:S.T',
    resourceId: '00000000-0000-4000-8000-000000000001',
  });
  expect(config?.edges[0]?.from).toEqual({ node: 'a', objectType: 'job', objectId: 'x', resourceName: 'dbt' });
});

test('a secret stays closed however it is printed, and opens when asked', async () => {
  const text = `${HEAD}${RESOURCE}sources: { pg: { type: postgres, password: "\${PW}" } }`;
  const { config } = await loadText(text, { env: { PW: 'hunter2' } });
  const secret = config?.sources[0]?.options['password'];
  expect(`${JSON.stringify(config)}${inspect(config, { depth: 9 })}${String(secret)}`).not.toContain('hunter2');
  expect((secret as { reveal(): string }).reveal()).toBe('hunter2');
});

test('a secret that is not set is an error to validate and a warning to plan', async () => {
  const text = `${HEAD}${RESOURCE}sources: { pg: { type: postgres, password: "\${PW}" } }`;
  expect((await loadText(text)).problems[0]).toMatchObject({ code: 'MCI116', severity: 'error' });
  const deferred = await loadText(text, { secrets: 'defer' });
  expect(deferred.config?.warnings[0]).toMatchObject({ code: 'MCI116', severity: 'warning' });
});

test.each([
  'password: hunter2-secret',
  'password: "hunter2-secret${X}"',
  'password: "${X:-hunter2-secret}"',
  'password: [hunter2-secret]',
  'password: hunter2-secret, host: 3, bogus: 1',
])('a secret that is written out is refused and never shown: %s', async (pair) => {
  const loaded = await loadText(
    `${HEAD}${RESOURCE}sources:\n  pg: { type: postgres, ${pair} }\n  other: { type: bogus }`,
    { env: { X: '1' } },
  );
  expect(loaded.config).toBeNull();
  expect(problemsText(loaded.problems, { paint: painter({ color: false }) })).not.toContain('hunter2');
});

test.each([
  '${MCD_ID}',
  '${MCD_TOKEN}',
  'x${MCD_INGEST_TOKEN_FILE}',
  '${MCD_DEFAULT_API_TOKEN:-}',
  '${file:/proc/self/environ}',
])('a Monte Carlo key is never read into the file: %s', async (reference) => {
  const text = `${HEAD}${RESOURCE}sources: { pg: { type: postgres, host: "${reference}", password: "${reference}" } }`;
  const loaded = await loadText(text, { env: { MCD_ID: 'id', MCD_TOKEN: 'token' } });
  expect(codes(loaded)).toContain('MCI118');
  expect(loaded.config).toBeNull();
});

test('a key of Monte Carlo under another name is refused too', async () => {
  const text = `${HEAD}${RESOURCE}sources: { pg: { type: postgres, host: "\${INNOCENT}" } }`;
  const env = { INNOCENT: 'super-secret-token', MCD_TOKEN: 'super-secret-token' };
  expect(codes(await loadText(text, { env }))).toEqual(['MCI118']);
});

test('a number may come from a reference', async () => {
  const text = `${HEAD}${RESOURCE}sources: { pg: { type: postgres, port: "\${PORT:-5433}" } }`;
  expect((await loadText(text)).config?.sources[0]?.options['port']).toBe(5433);
  expect(codes(await loadText(text, { env: { PORT: 'x' } }))).toEqual(['MCI104']);
});

test('MCD_RESOURCE_UUID is the resource where the file names none', async () => {
  const text = `${HEAD}sources: { pg: { type: postgres } }\nflows: { a: { source: pg, collect: metadata } }`;
  const uuid = '00000000-0000-4000-8000-000000000009';
  const { config } = await loadText(text, { env: { MCD_RESOURCE_UUID: uuid } });
  expect(config?.flows[0]).toMatchObject({ every: 3_600_000, resource: { uuid, resource_type: 'transactional-db' } });
});

test('included YAML and JSON files add to the file, and their problems name them', async () => {
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: [lineage/*.yaml, generated/**/*.json]\nlineage: { defaults: { expireAt: never } }`,
    'lineage/a.yaml': 'lineage:\n  nodes: { a: { objectType: job, objectId: x } }',
    'generated/deep/b.json': '{"lineage": {"nodes": {"b": {"objectType": "job", "objectId": "y",\n "nmae": "B"}}}}',
  });
  const loaded = await load(dir);
  expect(loaded.problems).toHaveLength(1);
  expect(loaded.problems[0]).toMatchObject({
    code: 'MCI101',
    file: 'generated/deep/b.json',
    line: 2,
    column: 2,
    fix: 'did you mean name?',
  });
  expect([...loaded.sources.keys()]).toEqual(['mc-ingest.yaml', 'lineage/a.yaml', 'generated/deep/b.json']);
});

test('a symbolic link does not lead an include out of the folder', async () => {
  const outside = await folder({ 'secret.yaml': 'lineage: {}' });
  const dir = await folder({ 'mc-ingest.yaml': `${HEAD}include: ['*.yaml', 'linked/*.yaml']` });
  await symlink(join(outside, 'secret.yaml'), join(dir, 'link.yaml'));
  await symlink(outside, join(dir, 'linked'));
  const loaded = await load(dir);
  expect(codes(loaded)).toEqual(['MCI113', 'MCI113']);
  expect(loaded.sources.size).toBe(1);
});

test('files that include each other are refused', async () => {
  const dir = await folder({ 'mc-ingest.yaml': `${HEAD}include: [b.yaml]`, 'b.yaml': 'include: [mc-ingest.yaml]' });
  expect((await load(dir)).problems[0]).toMatchObject({ code: 'MCI114', file: 'b.yaml', line: 1 });
});

test('the digest does not depend on layout, comments or the order of keys', async () => {
  const one = await loadText('version: 1\nproject: shop\n');
  const two = await loadText('# hello\nproject: "shop"\nversion: 1');
  expect(one.config?.digest).toBe(two.config?.digest);
});

test('a duration is not compared with the date of its end', async () => {
  const text = (expireAt: string): string =>
    `${HEAD}lineage: { nodes: { a: { objectType: job, objectId: x, expireAt: 30d }, b: { objectType: job, objectId: y, expireAt: never } }, edges: [{ from: a, to: b, expireAt: ${expireAt} }] }`;
  expect(codes(await loadText(text('never')))).toEqual([]);
});

test('requireConfig throws everything that is wrong, sorted by place', async () => {
  const dir = await folder({ 'mc-ingest.yaml': 'version: 2\nproject: "?"\nbogus: 1\nflows: []\n' });
  const failure = await requireConfig({
    file: 'mc-ingest.yaml',
    cwd: dir,
    env: {},
    sourceTypes: TYPES,
    secrets: 'check',
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ProblemsError);
  expect((failure as ProblemsError).problems.map((problem) => [problem.line, problem.code])).toEqual([
    [1, 'MCI104'],
    [2, 'MCI104'],
    [3, 'MCI101'],
    [4, 'MCI102'],
  ]);
});

test('problems of the schema come first, then those of the rules', async () => {
  const text = `${HEAD}lineage: { edges: [{ from: a, to: b, expireAt: never }] }\nbogus: 1`;
  expect(codes(await loadText(text))).toEqual(['MCI101', 'MCI205', 'MCI205']);
});

test('a wrong word under a definition is answered with the nearest, or with all', async () => {
  const text = `${HEAD}sources: { a: { type: fil } }\nlineage: { edges: [{ from: a, to: b, expireAt: never, edgeType: DOWN }] }`;
  const { problems } = await loadText(text);
  expect(problems[0]?.fix).toBe('did you mean file?');
  expect(problems[1]?.fix).toMatch(/^one of: IS_DOWNSTREAM \(/);
});

test('what only the file itself can say is refused in an included file', async () => {
  const dir = await folder({
    'mc-ingest.yaml': `${HEAD}include: [b.yaml]`,
    'b.yaml': 'version: 1\nproject: other\nstate: { path: x }\nlineage: { mark: false }',
  });
  const { problems } = await load(dir);
  expect(problems.map(({ code, file, line }) => [code, file, line])).toEqual([
    ['MCI122', 'b.yaml', 2],
    ['MCI122', 'b.yaml', 3],
    ['MCI122', 'b.yaml', 4],
  ]);
});

test('a file that holds a key is that file under any name, and its content is a key under any variable', async () => {
  const dir = await folder({ token: 'key-in-a-file\n' });
  await link(join(dir, 'token'), join(dir, 'hard'));
  await symlink('token', join(dir, 'soft'));
  const env = { MCD_TOKEN_FILE: join(dir, 'token'), OTHER: 'key-in-a-file' };
  for (const reference of ['${file:token}', '${file:hard}', '${file:soft}', '${OTHER}', 'x-${OTHER}-y']) {
    await writeFile(
      join(dir, 'mc-ingest.yaml'),
      `${HEAD}${RESOURCE}sources: { a: { type: postgres, host: "${reference}" } }`,
    );
    expect([reference, ...codes(await load(dir, { env }))]).toEqual([reference, 'MCI118']);
  }
});

test('a short key is refused too, and what a variable holds is not shown', async () => {
  const text = `${HEAD}resources: { w: { uuid: 00000000-0000-4000-8000-000000000001, resource_type: "\${X}" } }`;
  expect(codes(await loadText(text, { env: { X: 'abc', MCD_TOKEN: 'abc' } }))).toEqual(['MCI118']);
  const { problems } = await loadText(text, { env: { X: 'hunter2' } });
  expect(codes({ problems, config: null, sources: new Map() })).toEqual(['MCI216']);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('references in names are refused', async () => {
  const text = `${HEAD}${RESOURCE}sources: { "\${X}": { type: postgres } }\nlineage: { nodes: { "\${Y}": { objectType: j, objectId: x, expireAt: never } } }`;
  expect(codes(await loadText(text, { env: { X: 'a' } }))).toEqual(['MCI115', 'MCI115']);
});

test.each([
  'sources:\n  a:\n    type: postgres\n    password: |\n      hunter2\n    port: [',
  'sources:\n  a: { type: postgres, password: hunter2, port: [',
  'sources:\n  a:\n    private_key: |\n      one\n      hunter2\n      "x": : y\n   b: ]',
  'sources:\n  a: { type: postgres, host: "pg://u:hunter2@h/" }\n  b: {',
])('a secret is not in the frame of a file that does not parse either', async (text) => {
  const { problems } = await loadText(`${HEAD}${text}`);
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});
