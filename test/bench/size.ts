import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './measure.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { CLI, ROOT } from './paths.ts';

const DRIVERS = [
  'pg',
  'pg-cursor',
  'snowflake-sdk',
  'hive-driver',
  '@aws-sdk',
  '@electric-sql',
  'undici',
  'listr2',
  'graphql',
];

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

async function bytesOf(path: string): Promise<number> {
  const entry = await lstat(path);
  if (!entry.isDirectory()) return entry.size;
  const names = await readdir(path);
  const sizes = await Promise.all(
    names.filter((name) => name !== 'node_modules').map((name) => bytesOf(join(path, name))),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What `npm install --omit=dev --omit=optional` puts on disk, by the lock file. */
async function leanSet({ found }: Bench): Promise<void> {
  const root = fileURLToPath(ROOT);
  const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
    await readFile(join(root, 'package-lock.json'), 'utf8'),
  );
  const lean = Object.entries(lock.packages).filter(
    ([path, { dev, optional, devOptional }]) =>
      path !== '' && dev !== true && optional !== true && devOptional !== true,
  );
  const sizes = await Promise.all(lean.map(([path]) => bytesOf(join(root, path))));
  found({ what: 'packages without the drivers', value: lean.length, unit: '', target: atMost(90) });
  found({
    what: 'their size',
    value: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
    unit: 'MB',
    target: atMost(40),
  });
}

const HOOK = `
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) { appendFileSync(process.env.BENCH_LOADED, url + '\\\\n'); return next(url, context); }
\`));
import Module from 'node:module';
import { appendFileSync } from 'node:fs';
const load = Module._load;
Module._load = function (name, parent, main) {
  appendFileSync(process.env.BENCH_LOADED, 'require:' + Module._resolveFilename(name, parent, main) + '\\n');
  return load.call(this, name, parent, main);
};
`;

/** Which of the modules that only some commands need a command has loaded. */
async function loaded(command: string, { folder, signal, found }: Bench): Promise<void> {
  const list = join(folder, `${command}.txt`);
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const cwd = fileURLToPath(new URL('examples', ROOT));
  const { code } = await run(process.execPath, ['--import', hook, CLI, command], {
    cwd,
    signal,
    env: { BENCH_LOADED: list },
    codes: [0, 65],
  });
  if (code !== 0)
    return found({ what: `drivers loaded by ${command}`, missing: 'a build that finds examples/mc-ingest.yaml valid' });
  const urls = (await readFile(list, 'utf8')).split('\n');
  if (!urls.some((url) => url.endsWith('/dist/cli.js'))) throw new Error('the list of loaded modules is not whole');
  const drivers = DRIVERS.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)));
  found({
    what: `drivers loaded by ${command}`,
    value: drivers.length,
    unit: '',
    target: atMost(0),
    detail: `${drivers.join(', ')}${drivers.length > 0 ? '; ' : ''}${new Set(urls).size - 1} modules in all`,
  });
}

async function measure(bench: Bench): Promise<void> {
  await leanSet(bench);
  await loaded('validate', bench);
  await loaded('plan', bench);
}

export const size: Part = {
  name: 'size',
  what: 'what is installed, and what is loaded before it is needed',
  seconds: 30,
  run: measure,
};
