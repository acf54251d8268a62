import { access, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from './measure.ts';
import type { Bench } from './part.ts';
import { ROOT } from './paths.ts';

const SDK = 'pycarlo==0.15.500';

/** The python of an environment that holds the vendor's SDK, made once below node_modules/.cache; else what is missing. */
export async function pythonWithSdk({
  folder,
  signal,
  say,
}: Bench): Promise<{ readonly python: string } | { readonly missing: string }> {
  const place = fileURLToPath(new URL(`node_modules/.cache/peers/${SDK.replace('==', '-')}/`, ROOT));
  const python = `${place}bin/python`;
  const works = () => run(python, ['-c', 'import pycarlo.features.ingestion'], { cwd: folder, signal });
  try {
    await access(python);
    await works();
    return { python };
  } catch {
    say(`installing ${SDK}`);
  }
  try {
    await mkdir(place, { recursive: true });
    const env = Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    await run('python3', ['-m', 'venv', place], { cwd: folder, signal, env });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK], {
      cwd: folder,
      signal,
      env,
    });
    await works();
    return { python };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { missing: `python3 with venv, and ${SDK} from a package index (${why})` };
  }
}
