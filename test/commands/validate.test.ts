import { expect, test } from 'vitest';
import { explain } from '../../src/commands/explain.ts';
import { schema } from '../../src/commands/schema.ts';
import { validate } from '../../src/commands/validate.ts';
import { CONFIG_CODES } from '../../src/config/codes.ts';
import { painter, useColor } from '../../src/output/paint.ts';
import { folder } from '../config/support.ts';
import { context } from './config-context.ts';

test('a valid file says what is in it and exits 0', async () => {
  const world = context(await folder({ 'mc-ingest.yaml': 'version: 1\nproject: shop\n' }));
  expect(await validate(world.context, { config: 'mc-ingest.yaml' })).toBe(0);
  expect(world.stdout()).toBe('mc-ingest.yaml is valid: 0 sources, 0 flows, 0 nodes, 0 edges\n');
  expect(world.stderr()).toBe('');
});

const OUTLIVES = `version: 1
project: shop
lineage:
  nodes:
    load_orders: { objectType: job, objectId: x, expireAt: 2031-05-01 }
    stg_orders: { objectType: job, objectId: y, expireAt: never }
  edges:
    - { from: load_orders, to: stg_orders,
        expireAt: never }
`;

test('a problem is shown with its place, frame, caret, fix and where to read more, and exits 65', async () => {
  const world = context(await folder({ 'mc-ingest.yaml': OUTLIVES }));
  expect(await validate(world.context, { config: 'mc-ingest.yaml' })).toBe(65);
  expect(world.stdout()).toBe('');
  expect(world.stderr()).toBe(`error[MCI204] mc-ingest.yaml:9:19  the edge outlives its end
   7 │   edges:
   8 │     - { from: load_orders, to: stg_orders,
   9 │         expireAt: never }
     │                   ^^^^^ load_orders lapses on 2031-05-01 (line 5)
  fix   expireAt: 2031-05-01 or earlier, or let load_orders live longer
  more  mc-ingest explain MCI204

1 error in 1 file. Nothing was sent.
`);
});

test('as JSON there is exactly one document, with the same problems', async () => {
  const world = context(await folder({ 'mc-ingest.yaml': OUTLIVES }));
  expect(await validate(world.context, { config: 'mc-ingest.yaml', format: 'json' })).toBe(65);
  expect(world.stderr()).toBe('');
  expect(JSON.parse(world.stdout())).toEqual({
    format: 'mc-ingest.problems/1',
    problems: [
      {
        code: 'MCI204',
        severity: 'error',
        message: 'the edge outlives its end',
        fix: 'expireAt: 2031-05-01 or earlier, or let load_orders live longer',
        file: 'mc-ingest.yaml',
        line: 9,
        column: 19,
        path: 'lineage.edges[0].expireAt',
      },
    ],
  });
});

test('control characters in a file do not reach the terminal', async () => {
  const world = context(await folder({ 'mc-ingest.yaml': 'version: 1\nproject: shop\n"a\u009b31m\u202e": 1\n' }));
  expect(await validate(world.context, { config: 'mc-ingest.yaml' })).toBe(65);
  expect(world.stderr()).not.toMatch(/[\u009b\u202e]/);
});

test('explain prints the text of a code in any spelling, and proposes the nearest for an unknown one', async () => {
  const world = context('/');
  expect(await explain(world.context, { code: 'mci204' }, [CONFIG_CODES])).toBe(0);
  expect(world.stdout()).toContain('MCI204: an edge outlives its end');
  await expect(explain(world.context, { code: 'MCI2O4' }, [CONFIG_CODES])).rejects.toMatchObject({
    exitCode: 64,
    fix: expect.stringContaining('MCI2'),
  });
  await explain(world.context, { code: 'exit-codes' }, []);
  expect(world.stdout()).toMatch(/^ 65 {2}the configuration/m);
});

test('every code says what it means, why and what to do', () => {
  for (const { title, text } of Object.values(CONFIG_CODES)) {
    expect(title.length).toBeLessThan(60);
    expect(text.split('\n').length).toBeGreaterThan(1);
  }
});

test('schema prints a draft 2020-12 schema', async () => {
  const world = context('/');
  expect(await schema(world.context)).toBe(0);
  expect(JSON.parse(world.stdout())).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['version', 'project'],
  });
});

test('colour follows NO_COLOR, then FORCE_COLOR, then the terminal', () => {
  expect(useColor({}, true)).toBe(true);
  expect(useColor({}, false)).toBe(false);
  expect(useColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
  expect(useColor({ FORCE_COLOR: '1' }, false)).toBe(true);
  expect(painter({ color: false }).red('x')).toBe('x');
  expect(painter({ color: true }).red('x')).toBe('\u001b[31mx\u001b[39m');
});
