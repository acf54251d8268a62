import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measured, run } from './measure.ts';
import { atMost, type Bench, median, type Part } from './part.ts';
import { CLI, program } from './paths.ts';
import { writeNodes } from './scale-data.ts';

const ROUNDS = 3;
const COUNTS = [10_000, 100_000] as const;

interface Pair {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  readonly named: string;
  /** Times the floor, at 100,000 nodes. */
  readonly most: number;
}

const PAIRS: readonly Pair[] = [
  { what: 'validate', ours: 'validate', floor: 'parse-and-ajv', named: 'JSON.parse + ajv', most: 6 },
  { what: 'diff', ours: 'plan', floor: 'stringify', named: 'JSON.stringify', most: 2.5 },
];

async function once(subject: string, folder: string, { signal }: Bench): Promise<number> {
  const { stdout } = await run(process.execPath, [program('scale-child'), subject, folder], { cwd: folder, signal });
  const { ms }: { readonly ms: number } = JSON.parse(stdout);
  return ms;
}

async function compare(
  pair: Pair,
  { folder, count }: { readonly folder: string; readonly count: number },
  bench: Bench,
) {
  const ours: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await once(pair.ours, folder, bench));
    floors.push(await once(pair.floor, folder, bench));
  }
  const [mine, floor] = [median(ours), median(floors)];
  bench.found({
    what: `${pair.what} ${count.toLocaleString('en')} nodes`,
    value: mine / floor,
    unit: 'x',
    ...(count === 100_000 ? { target: atMost(pair.most) } : {}),
    detail: `${mine.toFixed(0)} ms / ${floor.toFixed(0)} ms of ${pair.named}`,
  });
}

/** The whole command, start-up and output included: no target, but what a user waits for. */
async function whole(folder: string, count: number, { signal, found }: Bench): Promise<void> {
  for (const command of ['validate', 'plan']) {
    const args = command === 'plan' ? [CLI, command, '--format', 'json'] : [CLI, command];
    const { wall_s, peak_mb } = await measured(args, { cwd: folder, signal });
    found({
      what: `mc-ingest ${command}, ${count.toLocaleString('en')} nodes`,
      value: wall_s,
      unit: 's',
      detail: `peak ${peak_mb.toFixed(0)} MB${command === 'plan' ? ', nothing applied yet' : ''}`,
    });
  }
}

/** A typed-in file of a usual size, next to the machine-made ones. */
async function yaml(bench: Bench): Promise<void> {
  const count = 1_000;
  const folder = join(bench.folder, 'yaml');
  await mkdir(folder);
  const nodes = Array.from(
    { length: count },
    (_, i) =>
      `    model_${i}:\n      objectType: model\n      objectId: "dbt://shop/model_${i}"\n      properties:\n        team: data\n`,
  );
  const head = 'version: 1\nproject: bench\nlineage:\n  defaults: { expireAt: never, resourceName: dbt }\n  nodes:\n';
  await writeFile(join(folder, 'mc-ingest.yaml'), `${head}${nodes.join('')}`);
  const ms = median([
    await once('validate', folder, bench),
    await once('validate', folder, bench),
    await once('validate', folder, bench),
  ]);
  bench.found({ what: `validate ${count.toLocaleString('en')} nodes in YAML`, value: ms, unit: 'ms' });
}

async function measure(bench: Bench): Promise<void> {
  for (const count of COUNTS) {
    const folder = join(bench.folder, String(count));
    await mkdir(folder);
    await writeNodes(folder, count);
    for (const pair of PAIRS) {
      bench.say(`${pair.what} ${count}`);
      await compare(pair, { folder, count }, bench);
    }
    await whole(folder, count, bench);
  }
  await yaml(bench);
}

export const scale: Part = {
  name: 'scale',
  what: 'validate and diff of 10k and 100k nodes',
  seconds: 240,
  run: measure,
};
