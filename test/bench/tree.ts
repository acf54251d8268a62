import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './measure.ts';
import { atMost, type Bench, median, type Part } from './part.ts';
import { program } from './paths.ts';

const ROUNDS = 3;

interface Drawn {
  readonly cpu_s: number;
  readonly wall_s: number;
  readonly tty: boolean;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Runs on a pseudo-terminal of 120 columns, which `script` of util-linux makes. */
async function draw(view: 'tree' | 'none', units: number, { folder, signal }: Bench): Promise<Drawn> {
  const file = join(folder, 'drawn.json');
  const command = [process.execPath, program('tree-child'), view, String(units), file].map(quoted).join(' ');
  await run('script', ['-qec', `stty cols 120 rows 40; ${command}`, '/dev/null'], {
    cwd: folder,
    signal,
    env: { TERM: 'xterm-256color' },
  });
  const drawn: Drawn = JSON.parse(await readFile(file, 'utf8'));
  if (!drawn.tty) throw new Error('stderr was no terminal');
  return drawn;
}

async function available({ folder, signal }: Bench): Promise<boolean> {
  return run('script', ['--version'], { cwd: folder, signal }).then(
    () => true,
    () => false,
  );
}

async function measure(bench: Bench): Promise<void> {
  if (!(await available(bench)))
    return bench.found({ what: 'CPU of the task tree', missing: 'script (util-linux), which makes a terminal' });
  for (const units of [10_000, 100_000]) {
    const trees: Drawn[] = [];
    const nones: Drawn[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      trees.push(await draw('tree', units, bench));
      nones.push(await draw('none', units, bench));
    }
    const [tree, none] = [trees, nones].map((all) => median(all.map(({ cpu_s }) => cpu_s)));
    const cpu = Math.max(0, (tree ?? 0) - (none ?? 0));
    const detail = `${tree?.toFixed(2)} s with the tree, ${none?.toFixed(2)} s without, in ${median(trees.map(({ wall_s }) => wall_s)).toFixed(1)} s`;
    const what = `${units.toLocaleString('en')} items on a terminal`;
    if (units === 10_000)
      bench.found({ what: `CPU of the tree, ${what}`, value: cpu, unit: 's', target: atMost(0.5), detail });
    else
      bench.found({
        what: `CPU of the tree an item, ${what}`,
        value: (cpu * 1e6) / units,
        unit: 'us',
        target: atMost(10),
        detail,
      });
  }
}

export const tree: Part = { name: 'tree', what: 'CPU that listr2 takes on a terminal', seconds: 120, run: measure };
