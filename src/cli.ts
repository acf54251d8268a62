#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import type { CliContext, Output } from './context.ts';

/** The process makes each of its streams when it is first asked for it, which takes a while: so we ask late. */
function output(open: () => NodeJS.WriteStream): Output {
  return {
    write: (text) => void open().write(text),
    get isTTY() {
      return open().isTTY === true;
    },
    get columns() {
      return open().columns ?? 80;
    },
    get stream() {
      return open();
    },
  };
}

/** `npm start` hands on a Ctrl-C that the terminal has sent already: that is one key, not two. Milliseconds. */
const SAME_KEY = 300;

/** The first signal asks for a clean end; the second one leaves at once, the journal being readable at any time. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.on(name, () => {
      if (controller.signal.aborted && Date.now() - first > SAME_KEY) process.exit(code);
      if (controller.signal.aborted) return;
      first = Date.now();
      controller.abort(name);
    });
  return controller.signal;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// A reader that went away (`mc-ingest plan | head`) is no failure of ours, and must not end a run that is at work.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const context: CliContext = {
  stdout: output(() => process.stdout),
  stderr: output(() => process.stderr),
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  random: Math.random,
  signal: abortOnSignals(),
  version,
  nodeArgs: [process.execPath, process.argv[1] ?? ''],
  pid: process.pid,
};

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) context.stdout.write(`${version}\n`);
else {
  const { main } = await import('./commands/main.ts');
  process.exitCode = await main(context, argv);
  // A question that a signal cut short would keep the process waiting for its answer.
  if (context.signal.aborted && process.stdin.isTTY) process.stdin.destroy();
}
