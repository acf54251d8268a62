import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from '../context.ts';
import { DEMO_CONFIG, DEMO_STEPS } from '../demo/config.ts';
import { type Database, startDatabase } from '../demo/database.ts';
import { type RunningSandbox, runCommand, type Start, startSandbox } from '../demo/process.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type Painter, painter, useColor } from '../output/paint.ts';

export interface DemoFlags {
  readonly serve?: boolean;
}

const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'TMPDIR'];

/** Nothing of the caller's settings reaches the demo: neither keys nor a warehouse. */
function baseEnv({ env }: CliContext): Record<string, string> {
  return Object.fromEntries(
    PASSED.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function pgEnv({ host, port }: Database): Record<string, string> {
  return { PGHOST: host, PGPORT: String(port), PGUSER: 'postgres', PGDATABASE: 'postgres', PGSSLMODE: 'disable' };
}

function stopWhenAborted({ signal }: CliContext): void {
  if (signal.aborted) throw new McIngestError('MCI002', 'interrupted', 'the demo was interrupted');
}

/** Types each command and lets it run; stops at the first that fails. */
async function runSteps(context: CliContext, how: Start, paint: Painter): Promise<void> {
  for (const { args, why } of DEMO_STEPS) {
    stopWhenAborted(context);
    context.stdout.write(`\n${paint.bold(`$ mc-ingest ${args.join(' ')}`)}   ${paint.dim(`# ${why}`)}\n`);
    const code = await runCommand(how, args);
    if (code !== EXIT.done)
      throw new McIngestError('MCI803', 'failed', `mc-ingest ${args[0]} ended with ${code}`, {
        fix: `look into ${how.cwd}`,
      });
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function serve(context: CliContext, sandbox: RunningSandbox, paint: Painter): Promise<void> {
  context.stdout.write(
    `\nWhat arrived:  ${paint.bold(sandbox.page)}\n${paint.dim('Ctrl-C ends the demo; nothing is left behind.')}\n`,
  );
  await untilAborted(context.signal);
}

async function makeFolder(): Promise<string> {
  const within = tmpdir();
  try {
    const folder = await mkdtemp(join(within, 'mc-ingest-demo-'));
    await writeFile(join(folder, 'mc-ingest.yaml'), DEMO_CONFIG);
    return folder;
  } catch (cause) {
    const fix = 'set TMPDIR to a folder that is there and that you may write to';
    throw new McIngestError('MCI007', 'failed', `no folder for the demo can be made in ${within}`, { fix, cause });
  }
}

/** The sandbox, then the database, then the steps; both are ended whatever happens. */
async function show(context: CliContext, folder: string, flags: DemoFlags): Promise<void> {
  const paint = painter({ color: useColor(context.env, context.stdout.isTTY) });
  const base: Start = { node: context.nodeArgs, cwd: folder, env: baseEnv(context) };
  context.stderr.write(paint.dim('starting PostgreSQL with a small shop, and a local Monte Carlo …\n'));
  const sandbox = await startSandbox(base);
  try {
    stopWhenAborted(context);
    const database = await startDatabase();
    try {
      const how = { ...base, env: { ...base.env, ...sandbox.env, ...pgEnv(database) } };
      context.stdout.write(`${paint.bold('$ cat mc-ingest.yaml')}\n${DEMO_CONFIG}`);
      await runSteps(context, how, paint);
      if (flags.serve === true || context.stdout.isTTY) await serve(context, sandbox, paint);
    } finally {
      await database.stop();
    }
  } finally {
    await sandbox.stop();
  }
}

/**
 * `mc-ingest demo`: the real commands, one after the other, on an embedded PostgreSQL and a sandbox of its own, in a
 * folder of its own. With a terminal (or `--serve`) the page stays up until Ctrl-C. The folder is kept only when a step
 * failed (MCI803).
 */
export async function demo(context: CliContext, flags: DemoFlags): Promise<ExitCode> {
  const folder = await makeFolder();
  try {
    await show(context, folder, flags);
  } catch (error) {
    // Ctrl-C reaches the processes that were started, too: what they say then is no failure of theirs.
    const interrupted = context.signal.aborted;
    const look = !interrupted && error instanceof McIngestError && error.code === 'MCI803';
    if (!look) await rm(folder, { recursive: true, force: true });
    stopWhenAborted(context);
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
  return EXIT.done;
}
