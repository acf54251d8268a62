import type { CliContext, Output } from '../../src/context.ts';
import { NOW } from '../config/support.ts';

function sink(): { output: Output; text: () => string } {
  const parts: string[] = [];
  return { output: { write: (text) => void parts.push(text), isTTY: false, columns: 80 }, text: () => parts.join('') };
}

/** A context that keeps what is written, with an empty environment. */
export function context(cwd: string): { context: CliContext; stdout: () => string; stderr: () => string } {
  const [stdout, stderr] = [sink(), sink()];
  const made: CliContext = {
    stdout: stdout.output,
    stderr: stderr.output,
    stdin: (async function* () {})(),
    env: {},
    cwd,
    pid: 1,
    now: () => NOW,
    random: () => 0.5,
    signal: new AbortController().signal,
    version: '0.1.0',
    nodeArgs: [],
  };
  return { context: made, stdout: stdout.text, stderr: stderr.text };
}
