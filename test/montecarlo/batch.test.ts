import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, batches, type Oversize } from '../../src/montecarlo/batch.ts';
import { envelope, hasFields, plainBody } from '../../src/montecarlo/body.ts';
import { growth } from '../../src/montecarlo/growth.ts';
import { chunks, head } from './support.ts';

interface Parsed {
  readonly event_type: string;
  readonly resource?: unknown;
  readonly events: readonly unknown[];
}
type Compression = 'none' | 'gzip';
interface Limits {
  readonly bytes: number;
  readonly events: number;
  readonly compression: Compression;
}

async function cut(lines: readonly string[], { bytes, events, compression }: Limits, collect = 'query_logs' as const) {
  const options = { around: envelope(head(collect)), compression, bytes, events: () => events, skip: [] };
  const all: (Batch | Oversize)[] = [];
  for await (const item of batches(chunks(lines, 7), options)) all.push(item);
  return {
    bodies: all.filter((item): item is Batch => 'body' in item),
    oversize: all.filter((item): item is Oversize => 'oversize' in item),
  };
}

function read({ body }: Batch, compression: Compression): Parsed {
  return JSON.parse((compression === 'gzip' ? gunzipSync(body) : body).toString('utf8')) as Parsed;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.nat(900).map((size) => 'ab🚀é'.repeat(size)),
  fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes).toString('base64')),
);
const lines = fc
  .array(text, { minLength: 1, maxLength: 120 })
  .map((texts) => texts.map((query_text, index) => JSON.stringify({ query_text, index })));

describe('batches', () => {
  it.each(['none', 'gzip'] as const)(
    'hold every event once, in order, and never pass a limit (%s)',
    async (compression) => {
      const limits = fc.record({
        bytes: fc.integer({ min: 400, max: 20_000 }),
        events: fc.integer({ min: 1, max: 60 }),
      });
      await fc.assert(
        fc.asyncProperty(lines, limits, async (input, limit) => {
          const { bodies, oversize } = await cut(input, { ...limit, compression });
          const placed = bodies.map((batch) => ({
            from: batch.from,
            to: batch.to,
            events: read(batch, compression).events,
          }));
          for (const batch of bodies) expect(batch.body.length).toBeLessThanOrEqual(limit.bytes);
          for (const one of placed) {
            expect(one.events).toHaveLength(one.to - one.from);
            expect(one.events.length).toBeLessThanOrEqual(limit.events);
            expect(one.events).toEqual(input.slice(one.from, one.to).map((line) => JSON.parse(line)));
          }
          const places = [
            ...placed.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
            ...oversize.map(({ at }) => at),
          ];
          expect(places.sort((a, b) => a - b)).toEqual(input.map((_, at) => at));
          for (const { at, line } of oversize) expect(line.toString()).toBe(input[at]);
          expect(placed.map(({ from }) => from)).toEqual(placed.map(({ from }) => from).sort((a, b) => a - b));
        }),
        { numRuns: 150 },
      );
    },
  );

  it.each(['none', 'gzip'] as const)('fill at least 97 %% of a body of 1,000,000 bytes (%s)', async (compression) => {
    let seed = 1;
    const noise = (size: number): string => {
      let made = '';
      while (made.length < size) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        made += seed.toString(36);
      }
      return made.slice(0, size);
    };
    const input = Array.from({ length: 4_000 }, (_, index) =>
      JSON.stringify({ query_text: `select ${noise(1000)}`, index }),
    );
    const { bodies } = await cut(input, { bytes: 1_000_000, events: 1_000_000, compression });
    expect(bodies.length).toBeGreaterThan(1);
    for (const batch of bodies.slice(0, -1)) expect(batch.body.length).toBeGreaterThanOrEqual(970_000);
    expect(bodies.flatMap((batch) => read(batch, compression).events)).toEqual(input.map((line) => JSON.parse(line)));
  });

  it('are the same bytes, however the lines lie in memory', () => {
    const around = envelope(head('query_logs'));
    fc.assert(
      fc.property(lines, fc.array(fc.boolean(), { minLength: 1 }), (input, apart) => {
        const file = Buffer.from(`${input.join('\n')}\n`);
        let at = 0;
        const views = input.map((text, index) => {
          const view = file.subarray(at, at + Buffer.byteLength(text));
          at += view.length + 1;
          return apart[index % apart.length] === true ? Buffer.from(view) : view;
        });
        const before = Buffer.from(file);
        const body = plainBody(around, views);
        expect(body.toString()).toBe(`${around.head(views)}${input.join(',')}${around.tail}`);
        expect(file.equals(before)).toBe(true);
      }),
    );
  });

  it('count bytes, not characters', async () => {
    const input = Array.from({ length: 50 }, () => JSON.stringify({ query_text: '🚀'.repeat(100) }));
    const { bodies } = await cut(input, { bytes: 2_000, events: 100, compression: 'none' });
    for (const batch of bodies) expect(Buffer.byteLength(batch.body.toString('utf8'))).toBeLessThanOrEqual(2_000);
    expect(bodies.flatMap((batch) => read(batch, 'none').events)).toHaveLength(50);
  });
});

describe('the event type of a body', () => {
  const column = '{"destination":{"name":"T"},"sources":[],"fields":[{"name":"a","source_fields":[]}]}';
  it.each([
    ['fields', column, true],
    ['fields written with blanks', '{"destination":{}, "fields" : [ {"name":"a"} ]}', true],
    ['no fields', '{"destination":{},"sources":[]}', false],
    ['empty fields', '{"destination":{},"fields": [ ]}', false],
    ['the key inside a string', JSON.stringify({ destination: { name: '"fields":[{"a":1}]' } }), false],
    ['the key inside another object', '{"destination":{"fields":[{"name":"a"}]}}', false],
    ['the word as a value', '{"destination":{"name":"fields"}}', false],
    ['an empty list inside and a full one outside', '{"destination":{"fields":[]},"fields":[{"name":"a"}]}', true],
  ])('sees column mappings: %s', (_name, line, expected) => {
    expect(hasFields(Buffer.from(line))).toBe(expected);
  });

  it('is COLUMN_LINEAGE when any event maps columns, unless the manifest forces it', () => {
    const pair = [Buffer.from('{"destination":{},"sources":[]}'), Buffer.from(column)];
    const type = (extra: object): string =>
      JSON.parse(`${envelope(head('column_lineage', extra)).head(pair)}]}`).event_type;
    expect(type({})).toBe('COLUMN_LINEAGE');
    expect(type({ event_type: 'LINEAGE' })).toBe('LINEAGE');
    expect(JSON.parse(`${envelope(head('column_lineage')).head(pair.slice(0, 1))}]}`).event_type).toBe('LINEAGE');
  });

  it('leaves a resource without a uuid out, and puts the time of ETL runs after the events', () => {
    const { resource: _, ...bare } = head('table_lineage');
    expect(
      envelope({ ...bare, resource: { resource_type: 'snowflake' } })
        .head([])
        .toString(),
    ).toBe('{"event_type":"LINEAGE","events":[');
    expect(envelope(head('etl_runs', { event_time: '2026-03-01T02:11:00Z' })).tail.toString()).toBe(
      '],"event_time":"2026-03-01T02:11:00Z"}',
    );
  });
});

describe('the size of bodies', () => {
  it('doubles while answers are quick, and stays when they are not', () => {
    const size = growth({ endpoint: 'metadata' });
    size.answered(100, 1999);
    expect(size.limit()).toBe(200);
    size.answered(200, 2000);
    expect(size.limit()).toBe(200);
  });

  it('grows at most eightfold on the answers to bodies of one size', () => {
    const size = growth({ endpoint: 'lineage' });
    for (let answer = 0; answer < 8; answer += 1) size.answered(100, 50);
    expect(size.limit()).toBe(800);
    size.answered(800, 50);
    expect(size.limit()).toBe(1_600);
  });

  it('halves on a time-out or a slow answer, and does not grow back above it', () => {
    const size = growth({ endpoint: 'querylogs', learned: 1000 });
    size.tooMuch(1000);
    expect(size.limit()).toBe(500);
    size.answered(500, 100);
    expect(size.limit()).toBe(500);
    size.answered(500, 20_001);
    expect(size.limit()).toBe(250);
  });

  it('starts from what was learned, within the limits of the flow and of the API', () => {
    expect(growth({ endpoint: 'metadata', learned: 800 }).limit()).toBe(800);
    expect(growth({ endpoint: 'metadata', learned: 800, most: 50 }).limit()).toBe(50);
    expect(growth({ endpoint: 'bi', learned: 800 }).limit()).toBe(100);
  });
});
