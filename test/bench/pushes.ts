import { join } from 'node:path';
import type { Flow } from './events.ts';
import { project } from './manifests.ts';
import { measured, run } from './measure.ts';
import { type Bench, median } from './part.ts';
import { CLI, program, ROOT } from './paths.ts';
import type { Received, Sink } from './server.ts';

/** What one push took and what came in. */
export interface Push {
  readonly wall_s: number;
  readonly cpu_s: number;
  readonly peak_mb: number;
  readonly received: Received;
}

/** A manifest and where it goes. `start`: events in the first body, as our push starts. */
export interface Target {
  readonly flow: Flow;
  readonly manifest: string;
  readonly count: number;
  readonly sink: Sink;
}

const ROUTES: Readonly<Record<Flow, { readonly path: string; readonly type: string; readonly start: number }>> = {
  metadata: { path: '/ingest/v1/metadata', type: 'METADATA', start: 100 },
  lineage: { path: '/ingest/v1/lineage', type: 'LINEAGE', start: 100 },
  querylogs: { path: '/ingest/v1/querylogs', type: 'QUERY_LOG', start: 250 },
};

async function whole({ sink, count }: Target, by: string): Promise<Received> {
  const received = await sink.received();
  if (received.events !== count) throw new Error(`${by} sent ${received.events} events of ${count}`);
  return received;
}

let projects = 0;

/** `mc-ingest push MANIFEST`, the built command with its checks, journal and state, in a project without a state. */
export async function pushOurs(
  target: Target,
  { folder, signal }: Bench,
  compression: 'none' | 'gzip' = 'none',
): Promise<Push> {
  projects += 1;
  const cwd = await project(join(folder, `project-${projects}`), compression);
  const keys = { MCD_INGEST_ID: 'bench-id-1', MCD_INGEST_TOKEN: 'bench-token-1' };
  const env = {
    ...keys,
    MC_INGEST_ENDPOINT: target.sink.url,
    MC_INGEST_GRAPHQL_ENDPOINT: `${target.sink.url}/graphql`,
  };
  const used = await measured([CLI, 'push', target.manifest, '--format', 'json'], { cwd, signal, env });
  return { ...used, received: await whole(target, 'mc-ingest') };
}

/** The floor: nothing but reading, joining and sending. */
export async function pushFloor(target: Target, { folder, signal }: Bench): Promise<Push> {
  const { path, type, start } = ROUTES[target.flow];
  const args = [program('floor'), target.manifest, target.sink.url, path, type, String(start)];
  const used = await measured(args, { cwd: folder, signal });
  return { ...used, received: await whole(target, 'the floor') };
}

/** The templates' style on the vendor's SDK: batches of a fixed count, one after the other. */
export async function pushTemplate(
  target: Target,
  { python, list, batch }: { readonly python: string; readonly list: string; readonly batch: number },
  { folder, signal }: Bench,
): Promise<Push> {
  const script = new URL('test/bench/peers/push.py', ROOT).pathname;
  const { wall_s, stdout } = await run(python, [script, target.flow, list, target.sink.url, String(batch)], {
    cwd: folder,
    signal,
  });
  const used: { readonly cpu_s: number; readonly peak_mb: number } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return { wall_s, ...used, received: await whole(target, 'the template') };
}

/** The medians of several pushes of the same manifest. */
export function middle(pushes: readonly Push[]): Push {
  const [first] = pushes;
  if (first === undefined) throw new Error('nothing was pushed');
  return {
    wall_s: median(pushes.map(({ wall_s }) => wall_s)),
    cpu_s: median(pushes.map(({ cpu_s }) => cpu_s)),
    peak_mb: median(pushes.map(({ peak_mb }) => peak_mb)),
    received: first.received,
  };
}

/** `0.61 s, 0.55 s CPU, 83 MB, 72 requests`. */
export function figures({ wall_s, cpu_s, peak_mb, received }: Push): string {
  return `${wall_s.toFixed(2)} s, CPU ${cpu_s.toFixed(2)} s, ${peak_mb.toFixed(0)} MB, ${received.requests} requests`;
}
