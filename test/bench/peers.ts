import { join } from 'node:path';
import type { Flow } from './events.ts';
import { writeList, writeManifest } from './manifests.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { figures, middle, type Push, pushFloor, pushOurs, pushTemplate, type Target } from './pushes.ts';
import { pythonWithSdk } from './python.ts';
import { startSink } from './server.ts';

const ROUNDS = 3;

/** A flow pushed by us, by the floor and by the templates' style. Shares are ours to theirs. */
interface Peer {
  readonly flow: Flow;
  readonly count: number;
  /** Events a body of the template. */
  readonly batch: number;
  readonly cpu: number;
  readonly wall?: { readonly at0: number; readonly at100: number };
  readonly requests?: number;
  readonly seconds: number;
}

const PEERS: readonly Peer[] = [
  {
    flow: 'querylogs',
    count: 60_000,
    batch: 100,
    cpu: 1 / 10,
    wall: { at0: 1 / 12, at100: 1 / 30 },
    requests: 1 / 8,
    seconds: 420,
  },
  { flow: 'metadata', count: 10_000, batch: 50, cpu: 1 / 10, requests: 1 / 8, seconds: 360 },
  { flow: 'lineage', count: 10_000, batch: 500, cpu: 1 / 8, seconds: 180 },
];

interface Three {
  readonly ours: Push;
  readonly floor: Push;
  readonly template: Push | null;
}

function sameEvents({ ours, floor, template }: Three): void {
  const digests = [ours, floor, ...(template === null ? [] : [template])].map(({ received }) => received.digest);
  if (new Set(digests).size > 1) throw new Error('ours, the floor and the template did not send the same events');
}

async function pushAll(target: Target, template: (() => Promise<Push>) | null, bench: Bench): Promise<Three> {
  const ours: Push[] = [];
  const floor: Push[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await pushOurs(target, bench));
    floor.push(await pushFloor(target, bench));
  }
  const three = { ours: middle(ours), floor: middle(floor), template: template === null ? null : await template() };
  sameEvents(three);
  return three;
}

type Figure = (push: Push) => number;

function compare(bench: Bench, peer: Peer, delay: number, { ours, floor, template }: Three): void {
  const at = `${peer.flow} at ${delay} ms`;
  const ratio = (
    what: string,
    of: Figure,
    { other, named, most }: { readonly other: Push; readonly named: string; readonly most: number | undefined },
  ) =>
    bench.found({
      what: `${what}, ${at}, to ${named}`,
      value: of(ours) / of(other),
      unit: 'x',
      ...(most === undefined ? {} : { target: atMost(most) }),
      detail: `${of(ours).toFixed(2)} / ${of(other).toFixed(2)}`,
    });
  bench.say(`${at}: ours ${figures(ours)}`);
  bench.say(`${at}: floor ${figures(floor)}`);
  ratio('wall', ({ wall_s }) => wall_s, { other: floor, named: 'the floor', most: delay === 100 ? 1.3 : undefined });
  ratio('CPU', ({ cpu_s }) => cpu_s, { other: floor, named: 'the floor', most: 2.5 });
  if (template === null) return;
  bench.say(`${at}: template ${figures(template)}`);
  const named = 'the template';
  ratio('wall', ({ wall_s }) => wall_s, {
    other: template,
    named,
    most: delay === 0 ? peer.wall?.at0 : peer.wall?.at100,
  });
  ratio('CPU', ({ cpu_s }) => cpu_s, { other: template, named, most: peer.cpu });
  ratio('peak MB', ({ peak_mb }) => peak_mb, { other: template, named, most: 1 / 2 });
  ratio('requests', ({ received }) => received.requests, { other: template, named, most: peer.requests });
}

async function measure(peer: Peer, bench: Bench): Promise<void> {
  const { flow, count, batch } = peer;
  const found = await pythonWithSdk(bench);
  if ('missing' in found) bench.found({ what: `${flow} by the template`, missing: found.missing });
  const manifest = join(bench.folder, `${flow}.ndjson`);
  const list = join(bench.folder, `${flow}.json`);
  await writeManifest(manifest, flow, count);
  await writeList(list, flow, count);
  for (const delay of [0, 100]) {
    const sink = await startSink(delay, bench.signal);
    try {
      const target = { flow, manifest, count, sink };
      const template =
        'missing' in found ? null : () => pushTemplate(target, { python: found.python, list, batch }, bench);
      compare(bench, peer, delay, await pushAll(target, template, bench));
    } finally {
      await sink.stop();
    }
  }
}

/** One part a flow. */
export const peers: readonly Part[] = PEERS.map((peer) => ({
  name: `peers-${peer.flow}`,
  what: `${peer.count.toLocaleString('en')} ${peer.flow} by us, by the floor, and as the templates do (batches of ${peer.batch})`,
  seconds: peer.seconds,
  peers: true,
  run: (bench) => measure(peer, bench),
}));
