import { afterEach, describe, expect, it } from 'vitest';
import { McIngestError } from '../../src/errors.ts';
import type { Transport } from '../../src/montecarlo/http-transport.ts';
import { pushLines } from '../../src/montecarlo/push.ts';
import type { PushJob } from '../../src/montecarlo/push-types.ts';
import { type Gateway, gateway, INVOCATION, type Reply, type Seen } from '../fakes/gateway.ts';
import { chunks, head, INGEST_TOKEN, pushDeps, RESOURCE, transportTo } from './support.ts';

const opened: { gate: Gateway; transport: Transport }[] = [];
afterEach(async () => {
  for (const { gate, transport } of opened.splice(0)) {
    await transport.close();
    await gate.close();
  }
});

async function setup(script?: (request: Seen, index: number) => Reply | Promise<Reply>, extra = {}) {
  const gate = await gateway(script);
  const transport = transportTo(gate.url);
  opened.push({ gate, transport });
  return { gate, ...pushDeps(gate.url, transport, extra) };
}

const asset = (name: string, size = 0): string =>
  JSON.stringify({
    relational_asset: { type: 'TABLE', metadata: { name, database: 'DB', schema: 'S', description: 'x'.repeat(size) } },
  });
const log = (id: number): string =>
  JSON.stringify({ start_time: 'a', end_time: 'b', query_text: `select ${id}`, query_id: `q${id}` });
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => asset(`T${index}`));
const logs = (count: number): string[] => Array.from({ length: count }, (_, index) => log(index));
const job = (lines: readonly string[], extra: Partial<PushJob> = {}): PushJob => ({
  head: head('metadata'),
  lines: chunks(lines),
  ...extra,
});
const events = (gate: Gateway): unknown[] =>
  gate.seen.flatMap((request) => (JSON.parse(request.text) as { events: unknown[] }).events);

describe('pushing lines', () => {
  it('sends every event once, as it stands in the manifest, and returns a receipt for each body', async () => {
    const { gate, deps } = await setup();
    const lines = many(950);
    const summary = await pushLines(job(lines), { ...deps, concurrency: 1 });
    expect(events(gate)).toEqual(lines.map((line) => JSON.parse(line)));
    expect(summary).toMatchObject({ events: 950, refused: [], in_doubt: [], unavailable: null, stopped: false });
    expect(summary.receipts.every((receipt) => receipt.invocation_id === INVOCATION)).toBe(true);
    expect(summary.requests).toBe(gate.seen.length);
    expect(gate.seen.map((request) => JSON.parse(request.text).events.length)).toEqual([100, 100, 200, 400, 150]);
    expect(Object.keys(JSON.parse(gate.seen[0]?.text ?? ''))).toEqual(['event_type', 'resource', 'events']);
  });

  it('makes an intent durable before its request is sent, and settles it after the answer', async () => {
    const order: string[] = [];
    const { deps, log: told } = await setup(() => {
      order.push(told.at(-1) ?? '');
      return {};
    });
    await pushLines(job(many(200), { batch: { events: 50 } }), { ...deps, concurrency: 1 });
    expect(order).toEqual(['intend 0-50', 'intend 50-100', 'intend 100-150', 'intend 150-200']);
    expect(told).toHaveLength(8);
  });

  it('sends nothing when the intent cannot be recorded', async () => {
    const { gate, deps } = await setup();
    const ledger = { ...deps.ledger, intend: async () => Promise.reject(new Error('disk full')) };
    await expect(pushLines(job(many(10)), { ...deps, ledger })).rejects.toThrow('disk full');
    expect(gate.seen).toHaveLength(0);
  });

  it('never has more bodies on their way than it was allowed', async () => {
    const { gate, deps } = await setup(() => ({ delayMs: 5 }));
    await pushLines(job(many(400), { batch: { events: 10 } }), { ...deps, concurrency: 3 });
    expect(gate.most()).toBe(3);
    expect(new Set(gate.seen.map((request) => request.socket)).size).toBeLessThanOrEqual(4);
  });

  it('leaves out the ranges that were accepted before', async () => {
    const { gate, deps } = await setup();
    const lines = many(20);
    const skip = [
      { from: 0, to: 5 },
      { from: 8, to: 12 },
    ];
    const summary = await pushLines(job(lines, { skip }), { ...deps, concurrency: 1 });
    const left = lines.filter((_, at) => !skip.some(({ from, to }) => at >= from && at < to));
    expect(events(gate)).toEqual(left.map((line) => JSON.parse(line)));
    expect(summary.events).toBe(11);
  });

  it('splits a body the gateway finds too large until it fits, and learns from it', async () => {
    const { gate, deps } = await setup((request) => (request.raw.length > 2000 ? { status: 413 } : {}));
    const lines = many(100);
    const summary = await pushLines(job(lines), deps);
    const taken = gate.seen
      .filter((request) => request.raw.length <= 2000)
      .flatMap((request) => JSON.parse(request.text).events);
    expect(taken).toHaveLength(100);
    expect(new Set(taken.map((event) => event.relational_asset.metadata.name)).size).toBe(100);
    expect(summary).toMatchObject({ events: 100, refused: [] });
    expect(summary.learned[`${RESOURCE}/metadata`]).toBeLessThan(100);
  });

  it('names an event that is too large by itself, and sends the others', async () => {
    const { gate, deps } = await setup();
    const summary = await pushLines(job([asset('A'), asset('GIANT', 1_100_000), asset('B')]), deps);
    expect(summary.refused).toMatchObject([{ from: 1, to: 2, code: 'MCI415' }]);
    expect(summary.refused[0]?.message).toContain('DB.S.GIANT');
    expect(events(gate)).toHaveLength(2);
  });

  it('names the single event the gateway finds too large', async () => {
    const { deps } = await setup((request) => (request.text.includes('q7') ? { status: 413 } : {}));
    const summary = await pushLines(job(logs(16), { head: head('query_logs') }), deps);
    expect(summary.events).toBe(15);
    expect(summary.refused).toMatchObject([{ from: 7, to: 8, code: 'MCI413' }]);
    expect(summary.refused[0]?.message).toContain('query q7');
  });

  it('makes no new request once a key was refused', async () => {
    const { gate, deps } = await setup(() => ({ status: 403, body: `{"message":"no ${INGEST_TOKEN}"}` }));
    const summary = await pushLines(job(many(100), { batch: { events: 10 } }), { ...deps, concurrency: 1 });
    expect(gate.seen).toHaveLength(1);
    expect(summary).toMatchObject({ key_refused: true, stopped: true, refused: [{ code: 'MCI412' }] });
    expect(summary.refused[0]?.message).toContain('MCD_INGEST_ID');
    expect(summary.refused[0]?.message).toContain(RESOURCE);
    expect(JSON.stringify(summary)).not.toContain(INGEST_TOKEN);
  });

  it('does not send query logs again when their fate is not known', async () => {
    const { gate, deps } = await setup((_, index) => (index === 0 ? { drop: 'after' } : {}));
    const summary = await pushLines(job(logs(30), { head: head('query_logs'), batch: { events: 10 } }), {
      ...deps,
      concurrency: 1,
    });
    expect(gate.seen).toHaveLength(3);
    expect(summary.in_doubt).toMatchObject([{ from: 0, to: 10, code: 'MCI423' }]);
    expect(summary.events).toBe(20);
  });

  it('sends metadata again after a cut connection', async () => {
    const { gate, deps } = await setup((_, index) => (index === 0 ? { drop: 'after' } : {}));
    const summary = await pushLines(job(many(10)), deps);
    expect(gate.seen).toHaveLength(2);
    expect(gate.seen[0]?.headers['x-mcd-trace-id']).not.toBe(gate.seen[1]?.headers['x-mcd-trace-id']);
    expect(summary).toMatchObject({ events: 10, in_doubt: [] });
  });

  it('gives up after three bodies in doubt in a row', async () => {
    const { gate, deps } = await setup(() => ({ status: 502 }));
    const summary = await pushLines(job(logs(100), { head: head('query_logs'), batch: { events: 10 } }), {
      ...deps,
      concurrency: 1,
    });
    expect(gate.seen).toHaveLength(3);
    expect(summary).toMatchObject({ stopped: true, events: 0 });
    expect(summary.in_doubt).toHaveLength(3);
  });

  it('sends nothing new once it is told to stop, and records what was on its way', async () => {
    const stop = new AbortController();
    const { gate, deps, settled } = await setup(
      () => {
        stop.abort('SIGINT');
        return {};
      },
      { signal: stop.signal },
    );
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    const summary = await pushLines(job(many(100), { batch: { events: 10 } }), {
      ...deps,
      clock: { ...deps.clock, sleep },
      concurrency: 1,
    });
    expect(gate.seen).toHaveLength(1);
    expect(settled).toMatchObject([{ result: { status: 'accepted' } }]);
    expect(summary).toMatchObject({ stopped: true, events: 10 });
  });

  it('cuts what is on its way when the grace is over, and calls it in doubt', async () => {
    const stop = new AbortController();
    const { deps, settled } = await setup(
      () => {
        stop.abort('SIGINT');
        return { hang: true };
      },
      { signal: stop.signal },
    );
    const summary = await pushLines(job(many(10)), deps);
    expect(settled).toMatchObject([{ result: { status: 'in_doubt', attempts: 1 } }]);
    expect(summary.in_doubt).toHaveLength(1);
  });

  it('refuses a manifest without a resource, except for lineage', async () => {
    const { deps } = await setup();
    const { resource: _, ...bare } = head('metadata');
    await expect(pushLines(job(many(1), { head: bare }), deps)).rejects.toThrow('names no resource uuid');
    const lineage = JSON.stringify({ destination: { name: 'T' }, sources: [] });
    const summary = await pushLines(job([lineage], { head: { ...bare, collect: 'table_lineage' } }), deps);
    expect(summary.events).toBe(1);
  });

  it('sends at most 100 jobs a call, however quick the answers are', async () => {
    const { gate, deps } = await setup();
    await pushLines(
      job(
        Array.from({ length: 450 }, () => '{"etl_asset":{}}'),
        { head: head('etl') },
      ),
      deps,
    );
    expect(Math.max(...gate.seen.map((request) => JSON.parse(request.text).events.length))).toBe(100);
  });

  it('sends the ingestion key with the headers of the SDK, one trace id a try and one session id a run', async () => {
    const { gate, deps } = await setup();
    await pushLines(job(many(20), { batch: { events: 10 } }), deps);
    expect(Object.keys(gate.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-mcd-id',
      'x-mcd-session-id',
      'x-mcd-telemetry-reason',
      'x-mcd-token',
      'x-mcd-trace-id',
    ]);
    expect(gate.seen[0]?.headers).toMatchObject({ 'x-mcd-token': INGEST_TOKEN, 'content-type': 'application/json' });
    expect(new Set(gate.seen.map(({ headers }) => headers['x-mcd-trace-id'])).size).toBe(2);
    expect(new Set(gate.seen.map(({ headers }) => headers['x-mcd-session-id'])).size).toBe(1);
  });

  it('stops when it is throttled for good, and says what is left is unsent', async () => {
    const { gate, deps, waits } = await setup(() => ({ status: 429, headers: { 'retry-after': '9' } }));
    const summary = await pushLines(job(many(30), { batch: { events: 10 } }), { ...deps, concurrency: 1 });
    expect(gate.seen).toHaveLength(5);
    expect(waits).toEqual([9000, 9000, 9000, 9000]);
    expect(summary).toMatchObject({ unavailable: { code: 'MCI420' }, in_doubt: [], events: 0, stopped: true });
  });

  it('shows a receipt before it is recorded, so that no id is lost with the disk', async () => {
    const { deps, receipts } = await setup();
    const ledger = { ...deps.ledger, settle: async () => Promise.reject(new Error('disk full')) };
    await expect(pushLines(job(many(10)), { ...deps, ledger })).rejects.toThrow('disk full');
    expect(receipts).toMatchObject([{ invocation_id: INVOCATION, events: 10 }]);
  });

  it('sends gzip when it is asked to, and says so', async () => {
    const { gate, deps } = await setup();
    const lines = many(300);
    await pushLines(job(lines, { compression: 'gzip' }), { ...deps, concurrency: 1 });
    expect(gate.seen[0]?.headers['content-encoding']).toBe('gzip');
    expect(events(gate)).toEqual(lines.map((line) => JSON.parse(line)));
  });

  it('tells where the lines broke off, and keeps the receipts of what was sent by then', async () => {
    const { deps } = await setup();
    async function* broken(): AsyncGenerator<readonly Buffer[]> {
      yield many(25).map((line) => Buffer.from(line));
      throw new McIngestError('MCI705', 'config', 'the file changed while it was read');
    }
    const summary = await pushLines({ ...job([]), lines: broken(), batch: { events: 10 } }, deps);
    expect(summary).toMatchObject({ events: 20, stopped: true, unreadable: { code: 'MCI705', from: 20 } });
    expect(summary.receipts).toHaveLength(2);
  });

  it('does not wait for ever: no try begins five minutes after the first', async () => {
    const { gate, deps, waits } = await setup(() => ({ status: 429, headers: { 'retry-after': '120' } }));
    const summary = await pushLines(job(many(3)), deps);
    expect(waits).toEqual([120_000, 120_000]);
    expect(gate.seen).toHaveLength(3);
    expect(summary.unavailable?.message).toContain('trace ');
  });
});
