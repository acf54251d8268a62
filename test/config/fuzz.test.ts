import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { painter } from '../../src/output/paint.ts';
import { problemsJson, problemsText } from '../../src/output/problems.ts';
import { folder, load } from './support.ts';

const RUNS = Number(process.env['CONFIG_FUZZ_RUNS'] ?? 300);
const SEED = Number(process.env['CONFIG_FUZZ_SEED'] ?? 20_261);
const FIXTURES = new URL('../fixtures/config/', import.meta.url);
const SECRET = 'hunter2-of-the-environment';

const BASES = [
  readFileSync(new URL('../../examples/mc-ingest.yaml', import.meta.url), 'utf8'),
  ...readdirSync(FIXTURES).map((name) => readFileSync(new URL(name, FIXTURES), 'utf8')),
];

const PIECES = [
  ...['\n', '\n  ', '\r\n', '\t', '  ', ': ', '- ', ', ', '#', '|', '>-', '? ', '---\n', '...\n', '%YAML 1.1\n'],
  ...['[', ']', '{', '}', '"', "'", '`', '@', '*a', '&a ', '!!str ', '!x ', '<<: ', '\\', '\u0000', '\ufeff', '😀'],
  ...['__proto__', 'constructor', 'null', '~', 'yes', '0o7', '1e9', '12:30', '2031-02-30', '-1', '${', '${X}', '${PW}'],
  ...[
    '${file:/proc/self/environ}',
    '${MCD_TOKEN}',
    'never',
    '30d',
    'node:a',
    'metadata',
    'expireAt',
    'include: [b.json]\n',
  ],
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function mutate(text: string, random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const at = Math.floor(random() * text.length);
  const lines = text.split('\n');
  const line = Math.floor(random() * lines.length);
  switch (Math.floor(random() * 7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 30));
    case 1:
      return text.slice(0, at) + pick(PIECES) + text.slice(at);
    case 2:
      return [...lines.slice(0, line), ...lines.slice(line + 1)].join('\n');
    case 3:
      return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join('\n');
    case 4:
      return lines.map((content, index) => (index === line ? ` ${content}` : content)).join('\n');
    case 5:
      return text.slice(0, at) + pick(BASES).slice(0, 200) + text.slice(at);
    default:
      return text.slice(0, at) + String.fromCodePoint(Math.floor(random() * 0x3000)) + text.slice(at + 1);
  }
}

function mutant(random: () => number): string {
  let text = BASES[Math.floor(random() * (random() < 0.5 ? 1 : BASES.length))] ?? '';
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) text = mutate(text, random);
  return text;
}

async function check(dir: string, text: string): Promise<void> {
  const file = text.startsWith('{') ? 'mc-ingest.json' : 'mc-ingest.yaml';
  await writeFile(join(dir, file), text);
  const env = { PW: SECRET, X: '1', MCD_TOKEN: 'a-key-of-monte-carlo' };
  const { config, problems, sources } = await load(dir, { file, env });
  expect(config === null).toBe(problems.some(({ severity }) => severity === 'error'));
  for (const { file: name, line, column, code, message } of problems) {
    expect(code).toMatch(/^MCI[12]\d\d$/);
    expect(message).not.toMatch(/undefined|\[object|call stack| at .*\.ts:/);
    const lines = (sources.get(name) ?? '').split('\n');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
  }
  const shown = problemsText(problems, { paint: painter({ color: false }) }) + problemsJson(problems);
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toContain('a-key-of-monte-carlo');
}

test(`${RUNS} mutated configurations end in problems with places inside the file, never in a crash`, {
  timeout: 60_000 + RUNS * 50,
}, async () => {
  const before = Reflect.ownKeys(Object.prototype);
  const random = numbers(SEED);
  const dir = await folder({ 'b.json': '{"lineage": {"defaults": {"__proto__": {"polluted": 1}}}}' });
  await mkdir(join(dir, 'manifests'));
  for (let run = 0; run < RUNS; run++) {
    const text = mutant(random);
    await check(dir, text).catch((cause: unknown) => {
      throw new Error(`run ${run} of seed ${SEED}: ${JSON.stringify(text)}`, { cause });
    });
  }
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
});
