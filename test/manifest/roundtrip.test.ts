import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkManifest } from '../../src/manifest/check.ts';
import { parseExact, printExact } from '../../src/manifest/exact-json.ts';
import { MANIFEST_SCHEMA } from '../../src/manifest/manifest-schema.ts';
import { normaliser } from '../../src/manifest/normalise.ts';
import { openManifest } from '../../src/manifest/read.ts';
import { createManifest } from '../../src/manifest/write.ts';

const HEAD = {
  flow: 'f',
  collect: 'query_logs',
  resource: { uuid: '11111111-1111-4111-8111-111111111111', log_type: 'snowflake' },
  started_at: '2026-03-01T00:00:00Z',
} as const;
let dir: string;
let count = 0;
const fresh = () => join(dir, 'runs', `${count++}.ndjson`);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manifest-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function written(lines: readonly string[]): Promise<string> {
  const path = fresh();
  const manifest = await createManifest(path, HEAD);
  for (const line of lines) await manifest.add(line);
  await manifest.finish({ complete: true });
  return path;
}

async function read(path: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const chunk of (await openManifest(path)).lines()) lines.push(...chunk.map(String));
  return lines;
}

describe('a manifest', () => {
  it('gives back the lines that were added, over chunk boundaries', async () => {
    const line = fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => JSON.stringify({ query_text: text }));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.nat(3000), async (lines, repeat) => {
        const all = [
          ...lines,
          ...Array.from({ length: repeat }, (_, at) => `{"n":${at},"pad":"${'é'.repeat(at % 300)}"}`),
        ];
        expect(await read(await written(all))).toEqual(all);
      }),
      { numRuns: 15 },
    );
  });

  it('begins and ends as its schema says', async () => {
    const lines = (await readFile(await written(['{}']), 'utf8')).trim().split('\n');
    const check = new Ajv2020({ strict: false });
    for (const [line, part] of [
      [lines.at(0), 'first'],
      [lines.at(-1), 'last'],
    ] as const) {
      const fits = check.compile({ ...MANIFEST_SCHEMA, anyOf: [{ $ref: `#/$defs/${part}` }] });
      expect(fits(JSON.parse(line ?? '')), JSON.stringify(fits.errors)).toBe(true);
      expect(fits({ ...JSON.parse(line ?? ''), manifest: 'mc-ingest/2', end: false })).toBe(false);
    }
  });

  it('is only for its owner', async () => {
    const path = await written(['{}']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is refused when an event was changed', async () => {
    const path = await written(['{"a":1}']);
    await writeFile(path, (await readFile(path, 'utf8')).replace('{"a":1}', '{"a":2}'));
    await expect(read(path)).rejects.toMatchObject({ code: 'MCI703' });
  });

  it('without a last line is unfinished, unless that is allowed', async () => {
    const path = fresh();
    const manifest = await createManifest(path, HEAD);
    await manifest.add('{"start_time":"2026-03-01T10:00:00Z","end_time":"2026-03-01T10:00:00Z","query_text":""}');
    await manifest.abort();
    const codes = async (allow: string[]) =>
      (await checkManifest(path, { shown: 'm', allow })).problems.map(({ code }) => code);
    expect(await codes([])).toEqual(['MCI702']);
    expect(await codes(['incomplete-manifest'])).toEqual([]);
    await appendFile(path, '{"ratio": NaN}\n');
    expect(await codes([])).toContain('MCI706');
  });

  it('without events, or with log_type hive, is refused', async () => {
    const path = fresh();
    const manifest = await createManifest(path, { ...HEAD, resource: { ...HEAD.resource, log_type: 'hive' } });
    await manifest.finish({ complete: true });
    const { problems } = await checkManifest(path, { shown: 'm', allow: [] });
    expect(problems.map(({ code }) => code)).toEqual(['MCI709', 'MCI704']);
    expect(problems[0]?.fix).toBe('did you mean hive-s3?');
  });
});

describe('exact JSON', () => {
  it('prints what it parsed, numbers of any size included', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.bigInt(), fc.string(), fc.integer())), (members) => {
        const text = printExact(members);
        expect(printExact(parseExact(text))).toBe(text);
      }),
    );
  });
});

describe('the normaliser', () => {
  for (const family of ['metadata', 'lineage', 'querylogs', 'etl-metadata', 'etl-runs', 'bi-metadata']) {
    const collect = {
      metadata: 'metadata',
      lineage: 'table_lineage',
      querylogs: 'query_logs',
      'etl-metadata': 'etl',
      'etl-runs': 'etl_runs',
      'bi-metadata': 'bi',
    }[family];
    it(`makes ${family} inputs into what the SDK sends`, async () => {
      const file = new URL(`../fixtures/golden/${family}.json`, import.meta.url);
      const before = process.env['TZ'];
      for (const { name, input, request } of JSON.parse(await readFile(file, 'utf8'))) {
        process.env['TZ'] = input.process_tz ?? 'UTC';
        if (input.events.length !== request.body.events.length) continue;
        input.events.forEach((event: object, at: number) => {
          const wrapped =
            family === 'metadata'
              ? { relational_asset: event }
              : family === 'etl-metadata'
                ? { etl_asset: event }
                : event;
          const sent = normaliser(collect as 'metadata')(JSON.stringify(wrapped));
          expect(JSON.parse(sent), name).toEqual(request.body.events[at]);
          expect(normaliser(collect as 'metadata')(sent), name).toBe(sent);
        });
      }
      process.env['TZ'] = before;
    });
  }
});
