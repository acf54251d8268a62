import type { CliContext } from '../context.ts';
import { type CodeText, McIngestError } from '../errors.ts';
import { EXIT, EXIT_TEXT, type ExitCode, type ExitName } from '../exit-code.ts';
import { didYouMean } from '../suggest.ts';

export interface ExplainFlags {
  /** `MCI204` (any case, or only its digits), or `exit-codes`. */
  readonly code: string;
}

type CodeTable = Readonly<Record<string, CodeText>>;

function exitCodes(): string {
  const rows = (Object.keys(EXIT_TEXT) as ExitName[]).map(
    (name) => `${String(EXIT[name]).padStart(3)}  ${EXIT_TEXT[name]}`,
  );
  return `${rows.join('\n')}\n`;
}

/** Prints the long text of a code, or the table of exit codes. Throws MCI008 (exit 64) for a code that does not exist. */
export async function explain(
  context: CliContext,
  flags: ExplainFlags,
  tables: readonly CodeTable[],
): Promise<ExitCode> {
  if (flags.code === 'exit-codes') {
    context.stdout.write(exitCodes());
    return EXIT.done;
  }
  const code = /^\d+$/.test(flags.code) ? `MCI${flags.code.padStart(3, '0')}` : flags.code.toUpperCase();
  const all: CodeTable = Object.assign({}, ...tables);
  const found = Object.hasOwn(all, code) ? all[code] : undefined;
  if (found === undefined) {
    const fix = didYouMean(code, [...Object.keys(all), 'EXIT-CODES'])?.replace('EXIT-CODES', 'exit-codes');
    throw new McIngestError('MCI008', 'usage', `there is no code ${flags.code}`, fix === undefined ? {} : { fix });
  }
  context.stdout.write(`${code}: ${found.title}\n\n${found.text}\n`);
  return EXIT.done;
}
