import { gunzipSync, gzipSync } from 'node:zlib';
import type { Batch } from '../../src/montecarlo/batch.ts';
import { eventLines, type Flow } from './events.ts';
import { atLeast, atMost, type Bench, type Part } from './part.ts';
import { built } from './paths.ts';

const LIMIT = 1_000_000;
const LOGS = 60_000;
const TABLES = 10_000;
/** Lines come from a manifest in chunks of about this size. */
const CHUNK = 200;
/** Events a body in the vendor's templates. */
const TEMPLATE = 100;

interface Case {
  readonly flow: Flow;
  readonly collect: 'metadata' | 'query_logs';
  readonly count: number;
  readonly compression: 'none' | 'gzip';
}

const CASES: readonly Case[] = [
  { flow: 'querylogs', collect: 'query_logs', count: LOGS, compression: 'none' },
  { flow: 'querylogs', collect: 'query_logs', count: LOGS, compression: 'gzip' },
  { flow: 'metadata', collect: 'metadata', count: TABLES, compression: 'none' },
  { flow: 'metadata', collect: 'metadata', count: TABLES, compression: 'gzip' },
];

async function* chunks(lines: readonly Buffer[]): AsyncGenerator<readonly Buffer[]> {
  for (let at = 0; at < lines.length; at += CHUNK) yield lines.slice(at, at + CHUNK);
}

/** Fills bodies as a push does once the number of events a body has grown past what fits. */
async function fill({ collect, compression }: Case, lines: readonly Buffer[]) {
  const { batches }: typeof import('../../src/montecarlo/batch.ts') = await import(built('montecarlo/batch.js'));
  const { envelope }: typeof import('../../src/montecarlo/body.ts') = await import(built('montecarlo/body.js'));
  const resource = { uuid: '11111111-1111-4111-8111-111111111111', resource_type: 'snowflake' };
  const around = envelope({ flow: 'bench', collect, resource, started_at: '2026-03-01T00:00:00Z' });
  const bodies: Batch[] = [];
  const began = performance.now();
  for await (const item of batches(chunks(lines), {
    around,
    compression,
    bytes: LIMIT,
    events: () => LIMIT,
    skip: [],
  })) {
    if ('oversize' in item) throw new Error(`event ${item.at} is called too large`);
    bodies.push(item);
  }
  return { bodies, seconds: (performance.now() - began) / 1000 };
}

/** Every event must be in the bodies, once, in its order: otherwise the figures mean nothing. */
function verify(bodies: readonly Batch[], lines: readonly Buffer[], compression: Case['compression']): void {
  let at = 0;
  for (const { body } of bodies) {
    const text = (compression === 'gzip' ? gunzipSync(body) : body).toString('utf8');
    const { events }: { readonly events: readonly unknown[] } = JSON.parse(text);
    for (const event of events)
      if (JSON.stringify(event) !== lines[at++]?.toString('utf8')) throw new Error(`event ${at} differs`);
  }
  if (at !== lines.length) throw new Error(`${at} events of ${lines.length} are in the bodies`);
}

async function measureCase(what: Case, { say, found }: Bench): Promise<void> {
  const { flow, count, compression } = what;
  say(`${flow} ${compression}`);
  const lines = [...eventLines(flow, count)].map((line) => Buffer.from(line));
  const { bodies, seconds } = await fill(what, lines);
  verify(bodies, lines, compression);
  const sizes = bodies.map(({ body }) => body.length);
  const full = sizes.slice(0, -1);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const name = compression === 'gzip' ? `${flow}, gzip` : flow;
  const rate = `${(count / seconds / 1000).toFixed(0)}k events/s`;
  // The last body holds what is left; with only one or two there is no fill to speak of.
  if (full.length > 0)
    found({
      what: `fill of a body, ${name}`,
      value: (100 * full.reduce((sum, size) => sum + size, 0)) / full.length / LIMIT,
      unit: '%',
      target: atLeast(97),
      detail: `${bodies.length} bodies, ${rate}`,
    });
  found({
    what: `bodies over the limit, ${name}`,
    value: sizes.filter((size) => size > LIMIT).length,
    unit: '',
    target: atMost(0),
  });
  if (flow === 'querylogs')
    found({
      what: `requests to those of ${TEMPLATE} a body, ${name}`,
      value: bodies.length / (count / TEMPLATE),
      unit: 'x',
      target: atMost(compression === 'gzip' ? 1 / 35 : 1 / 8),
    });
  if (compression === 'gzip')
    found({
      what: `bytes to one gzip -6 of all, ${name}`,
      value: bytes / gzipSync(Buffer.concat(lines), { level: 6 }).length,
      unit: 'x',
      target: atMost(1.06),
    });
}

async function measure(bench: Bench): Promise<void> {
  for (const what of CASES) await measureCase(what, bench);
}

export const batchFill: Part = {
  name: 'fill',
  what: 'bodies filled once batches have grown, plain and gzip',
  seconds: 120,
  run: measure,
};
