import { join } from 'node:path';
import { writeManifest } from './manifests.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { figures, type Push, pushOurs } from './pushes.ts';
import { startSink } from './server.ts';

const COUNTS = [60_000, 600_000] as const;

/** The peak of a push may not depend on how long the manifest is. */
async function flatMemory(bench: Bench): Promise<void> {
  const pushes: Push[] = [];
  for (const count of COUNTS) {
    const sink = await startSink(0, bench.signal);
    try {
      const manifest = join(bench.folder, `${count}.ndjson`);
      await writeManifest(manifest, 'querylogs', count);
      const push = await pushOurs({ flow: 'querylogs', manifest, count, sink }, bench);
      bench.say(`${count}: ${figures(push)}`);
      pushes.push(push);
    } finally {
      await sink.stop();
    }
  }
  const [small, large] = pushes;
  if (small === undefined || large === undefined) return;
  const detail = `${large.peak_mb.toFixed(0)} MB / ${small.peak_mb.toFixed(0)} MB`;
  bench.found({
    what: 'peak of 600k query logs to that of 60k',
    value: large.peak_mb / small.peak_mb,
    unit: 'x',
    target: atMost(1.2),
    detail,
  });
}

export const memory: Part = {
  name: 'peers-memory',
  what: 'peak memory of a push of 60k and 600k query logs',
  seconds: 240,
  peers: true,
  run: flatMemory,
};

const ROWS = 200_000;
const LATENCY_MS = 100;

async function fewRequests(bench: Bench): Promise<void> {
  const manifest = join(bench.folder, 'querylogs.ndjson');
  await writeManifest(manifest, 'querylogs', ROWS);
  const sink = await startSink(LATENCY_MS, bench.signal);
  try {
    const push = await pushOurs({ flow: 'querylogs', manifest, count: ROWS, sink }, bench, 'gzip');
    const { requests } = push.received;
    bench.found({
      what: `requests of ${ROWS / 1000}k query logs, gzip, ${LATENCY_MS} ms`,
      value: requests,
      unit: '',
      target: atMost(60),
      detail: figures(push),
    });
    bench.found({ what: 'rows a second, the same', value: ROWS / push.wall_s, unit: 'rows/s' });
  } finally {
    await sink.stop();
  }
}

export const push: Part = {
  name: 'push',
  what: `${ROWS / 1000}k query logs in gzip bodies at ${LATENCY_MS} ms`,
  seconds: 120,
  run: fewRequests,
};
