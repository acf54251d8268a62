import { run } from './measure.ts';
import { atLeast, type Bench, median, type Part } from './part.ts';
import { program } from './paths.ts';
import { type Sink, startSink } from './server.ts';

const LATENCY_MS = 50;
const PLACES = [4, 16, 64] as const;
const ROUNDS = 3;

interface Load {
  readonly client: 'ours' | 'fetch' | 'floor';
  readonly places: number;
  readonly requests: number;
}

interface Rate {
  /** Requests a second. */
  readonly rate: number;
  /** CPU of the client, microseconds a request. */
  readonly cpu: number;
}

async function rate(load: Load, sink: Sink, { folder, signal }: Bench): Promise<Rate> {
  const args = [program('http-child'), load.client, sink.url, String(load.places), String(load.requests), '5000'];
  const { stdout } = await run(process.execPath, args, { cwd: folder, signal });
  const { requests } = await sink.received();
  if (requests !== load.requests + 1) throw new Error(`${requests} requests came in, not ${load.requests + 1}`);
  const { seconds, cpu_us }: { readonly seconds: number; readonly cpu_us: number } = JSON.parse(stdout);
  return { rate: load.requests / seconds, cpu: cpu_us };
}

/** Answers waited for at once are the only lever once there is latency: as many must be on their way as plain node:http has. */
async function withLatency(bench: Bench): Promise<void> {
  const sink = await startSink(LATENCY_MS, bench.signal);
  try {
    for (const places of PLACES) {
      const ideal = places / (LATENCY_MS / 1000);
      const requests = Math.round(ideal * 2);
      const ours: number[] = [];
      const floor: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push((await rate({ client: 'ours', places, requests }, sink, bench)).rate);
        floor.push((await rate({ client: 'floor', places, requests }, sink, bench)).rate);
      }
      bench.found({
        what: `requests at ${LATENCY_MS} ms over ${places} connections, of those of node:http`,
        value: (100 * median(ours)) / median(floor),
        unit: '%',
        target: atLeast(90),
        detail: `${median(ours).toFixed(0)} / ${median(floor).toFixed(0)} a second; ${ideal} on an idle machine`,
      });
    }
  } finally {
    await sink.stop();
  }
}

async function withoutLatency(bench: Bench): Promise<void> {
  const sink = await startSink(0, bench.signal);
  try {
    const ours: Rate[] = [];
    const theirs: Rate[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await rate({ client: 'ours', places: 16, requests: 20_000 }, sink, bench));
      theirs.push(await rate({ client: 'fetch', places: 16, requests: 4_000 }, sink, bench));
    }
    const [mine, other] = [ours, theirs].map((rates) => ({
      rate: median(rates.map((it) => it.rate)),
      cpu: median(rates.map((it) => it.cpu)),
    }));
    if (mine === undefined || other === undefined) return;
    bench.found({
      what: 'requests of 5 KB a second, 16 connections, to those of fetch',
      value: mine.rate / other.rate,
      unit: 'x',
      target: atLeast(5),
      detail: `${mine.rate.toFixed(0)} / ${other.rate.toFixed(0)}; the server is the limit`,
    });
    bench.found({
      what: 'CPU a request, fetch to ours',
      value: other.cpu / mine.cpu,
      unit: 'x',
      target: atLeast(5),
      detail: `${other.cpu.toFixed(0)} us / ${mine.cpu.toFixed(0)} us`,
    });
  } finally {
    await sink.stop();
  }
}

async function measure(bench: Bench): Promise<void> {
  await withLatency(bench);
  await withoutLatency(bench);
}

export const http: Part = {
  name: 'http',
  what: 'the transport: what latency allows, and next to node:http and fetch',
  seconds: 180,
  run: measure,
};
