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

/** Types each command and lets it run; stops at the first that fails. */
async function runSteps(context: CliContext, how: Start, paint: Painter): Promise<void> {
  for (const { args, why } of DEMO_STEPS) {
    if (context.signal.aborted) throw new McIngestError('MCI002', 'interrupted', 'the demo was interrupted');
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

/**
 * `mc-ingest demo`: the real commands, one after the other, on an embedded PostgreSQL and a sandbox of its own, in a
 * folder of its own. With a terminal (or `--serve`) the page stays up until Ctrl-C.
 */
export async function demo(context: CliContext, flags: DemoFlags): Promise<ExitCode> {
  const paint = painter({ color: useColor(context.env, context.stdout.isTTY) });
  const folder = await mkdtemp(join(tmpdir(), 'mc-ingest-demo-'));
  await writeFile(join(folder, 'mc-ingest.yaml'), DEMO_CONFIG);
  const base: Start = { node: context.nodeArgs, cwd: folder, env: baseEnv(context) };
  context.stderr.write(paint.dim('starting PostgreSQL with a small shop, and a local Monte Carlo …\n'));
  const sandbox = await startSandbox(base);
  try {
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
  await rm(folder, { recursive: true, force: true });
  return EXIT.done;
}
