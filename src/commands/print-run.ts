import type { CliContext } from '../context.ts';
import { painter, useColor } from '../output/paint.ts';
import { runText } from '../output/run-text.ts';
import type { RunRecord } from '../state/types.ts';
import { asShown } from './terminal.ts';

/** Prints a run: the document for programs, the account for people. */
export function printRun(context: CliContext, record: RunRecord, flags: { readonly format: string }): void {
  if (flags.format === 'json') context.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
  else {
    const text = runText(record, painter({ color: useColor(context.env, context.stdout.isTTY) }));
    context.stdout.write(asShown(context.env, text));
  }
}
