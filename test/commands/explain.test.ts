import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { explainCommand } from '../../src/commands/explain-command.ts';
import { EXIT } from '../../src/exit-code.ts';
import { context } from './config-context.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

interface Read {
  readonly name: string;
  readonly text: string;
}

function sources(): readonly Read[] {
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return names.map((name) => ({ name, text: readFileSync(`${SRC}${name}`, 'utf8') }));
}

const isTable = ({ name }: Read): boolean => /(^|\/)codes(-\w+)?\.ts$/.test(name);

function codesIn(files: readonly Read[], pattern: RegExp): readonly string[] {
  return [...new Set(files.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, code = '']) => code)))].sort();
}

const RAISED = codesIn(
  sources().filter((file) => !isTable(file)),
  /['"`](MCI\d{3})['"`]/g,
);
const EXPLAINED = codesIn(sources().filter(isTable), /^ {2}(MCI\d{3}):/gm);

test('the search finds codes', () => {
  expect(RAISED.length).toBeGreaterThan(50);
  expect(EXPLAINED.length).toBeGreaterThan(50);
});

test.each(RAISED)('%s, which the source raises, is explained', async (code) => {
  const world = context('/');
  expect(await explainCommand(world.context, { code })).toBe(0);
  expect(world.stdout()).toMatch(new RegExp(`^${code}: .+\n\n.+`));
});

test('every code that is explained is raised somewhere', () => {
  expect(EXPLAINED.filter((code) => !RAISED.includes(code))).toEqual([]);
});

test('every code is in a table that the command knows', async () => {
  for (const code of EXPLAINED) expect(await explainCommand(context('/').context, { code })).toBe(0);
});

test('exit-codes prints each exit code once', async () => {
  const world = context('/');
  await explainCommand(world.context, { code: 'exit-codes' });
  const printed = world
    .stdout()
    .trim()
    .split('\n')
    .map((line) => Number(line.trim().split(' ')[0]));
  expect(printed).toEqual(Object.values(EXIT));
});
