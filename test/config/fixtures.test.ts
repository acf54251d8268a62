import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CONFIG_CODES } from '../../src/config/codes.ts';
import { codes, load } from './support.ts';

const dir = fileURLToPath(new URL('../fixtures/config/', import.meta.url));

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'bad-reference': ['MCI121'],
  binary: ['MCI107'],
  'broken-yaml': ['MCI105', 'MCI105'],
  'cannot-collect': ['MCI208'],
  'column-lineage-too-rare': ['MCI209'],
  'duplicate-edge': ['MCI220'],
  'duplicate-key': ['MCI106'],
  'duplicate-object': ['MCI203'],
  'edge-outlives-its-end': ['MCI204'],
  'edge-to-undeclared-node': ['MCI205'],
  empty: ['MCI120'],
  'every-under-an-hour': ['MCI210'],
  'expire-at-garbage': ['MCI215'],
  'expire-at-in-the-past': ['MCI214'],
  'expire-at-missing': ['MCI213'],
  'file-unreadable': ['MCI117'],
  'include-cycle': ['MCI114'],
  'include-outside': ['MCI113'],
  'log-type-not-legal': ['MCI206'],
  minimal: [],
  'missing-project': ['MCI103'],
  'no-log-type': ['MCI207'],
  'no-resource': ['MCI217'],
  'not-a-uuid': ['MCI222'],
  'not-allowed': ['MCI104'],
  'proto-key': ['MCI111'],
  'reference-not-allowed': ['MCI115'],
  'reserved-property': ['MCI218'],
  'same-tables': ['MCI212'],
  'secret-literal': ['MCI119'],
  'table-object-id': ['MCI211'],
  'token-reference': ['MCI118'],
  'too-many-aliases': ['MCI110'],
  'two-resources': ['MCI219'],
  'unknown-key': ['MCI101'],
  'unknown-resource': ['MCI202'],
  'unknown-resource-type': ['MCI216'],
  'unknown-source': ['MCI201'],
  'variable-not-set': ['MCI116'],
  'wrong-type': ['MCI102'],
  'yaml-tag': ['MCI112'],
};

test('every fixture of a fault is listed here', () => {
  expect(
    readdirSync(dir)
      .map((name) => name.replace('.yaml', ''))
      .sort(),
  ).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))('%s gives exactly its own problem, with a place', async (name, expected) => {
  const loaded = await load(dir, { file: `${name}.yaml` });
  expect(codes(loaded)).toEqual(expected);
  for (const problem of loaded.problems) {
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.file).toBe(`${name}.yaml`);
    expect(Object.keys(CONFIG_CODES)).toContain(problem.code);
  }
  expect(loaded.config === null).toBe(loaded.problems.some((problem) => problem.severity === 'error'));
});

test('every rule has a fixture named by its fault', () => {
  const shown = new Set(Object.values(EXPECTED).flat());
  const elsewhere = ['MCI100', 'MCI108', 'MCI109', 'MCI122', 'MCI123', 'MCI124', 'MCI221', 'MCI223', 'MCI224'];
  expect(Object.keys(CONFIG_CODES).filter((code) => !shown.has(code))).toEqual(elsewhere);
});
