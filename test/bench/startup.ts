import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './measure.ts';
import { atMost, type Bench, median, type Part } from './part.ts';
import { CLI } from './paths.ts';

const ROUNDS = 15;
const NODES = 50;

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Times `node -e 0`. */
  readonly most?: number;
}

const CASES: readonly Case[] = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: '--version', args: [CLI, '--version'], most: 1.3 },
  { name: '--help', args: [CLI, '--help'], most: 1.3 },
  { name: `validate, ${NODES} nodes`, args: [CLI, 'validate'], most: 1.5 },
  { name: `plan, ${NODES} nodes`, args: [CLI, 'plan'], most: 2.2 },
];

/** A small file as a person writes it. */
function smallConfig(): string {
  const nodes = Array.from(
    { length: NODES },
    (_, index) =>
      `    model_${index}: { objectType: model, objectId: "dbt://shop/model_${index}", properties: { team: data } }`,
  );
  return `version: 1\nproject: bench\nlineage:\n  defaults: { expireAt: never, resourceName: dbt }\n  nodes:\n${nodes.join('\n')}\n`;
}

async function measure({ folder, signal, found }: Bench): Promise<void> {
  await writeFile(join(folder, 'mc-ingest.yaml'), smallConfig());
  const walls = new Map<string, number[]>(CASES.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, args } of CASES) {
      const { wall_s } = await run(process.execPath, args, { cwd: folder, signal });
      // The first round fills the file cache.
      if (round > 0) walls.get(name)?.push(wall_s * 1000);
    }
  const [floor = 0, ...medians] = CASES.map(({ name }) => median(walls.get(name) ?? []));
  for (const [index, { name, most }] of CASES.slice(1).entries()) {
    const ms = medians[index] ?? 0;
    const target = most === undefined ? {} : { target: atMost(most) };
    found({
      what: name,
      value: ms / floor,
      unit: 'x',
      ...target,
      detail: `${ms.toFixed(0)} ms / ${floor.toFixed(0)} ms of node -e 0`,
    });
  }
}

export const startup: Part = {
  name: 'startup',
  what: 'whole commands against `node -e 0`, in turn',
  seconds: 90,
  run: measure,
};
