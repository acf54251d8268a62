import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type RunningSandbox, startSandbox } from '../sandbox/server.ts';

export interface SandboxFlags {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  /** False with `--no-delays`. */
  readonly delays: boolean;
}

/** What is shown on a terminal: lines that can be pasted into another one. */
function forPeople({ page, env }: RunningSandbox): string {
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${value}`);
  return `A local Monte Carlo is up. Page: ${page}\n\nIn another terminal:\n${lines.join('\n')}\n\nCtrl-C ends it.\n`;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}

/**
 * Serves a local Monte Carlo until a signal ends it, which is how it is meant to end: exit 0.
 * The first line on stdout is one JSON document; on a terminal the same is shown for people.
 */
export async function sandbox(context: CliContext, flags: SandboxFlags): Promise<ExitCode> {
  const running = await startSandbox({
    host: flags.host,
    port: flags.port,
    delays: flags.delays ? 'contract' : 'none',
    now: context.now,
    ...(flags.data === undefined ? {} : { data: resolve(context.cwd, flags.data) }),
  });
  try {
    const { endpoint, graphql_endpoint, page, env } = running;
    const document = JSON.stringify({ endpoint, graphql_endpoint, page, env });
    context.stdout.write(context.stdout.isTTY ? forPeople(running) : `${document}\n`);
    await ended(context.signal);
  } finally {
    await running.close();
  }
  return EXIT.done;
}
