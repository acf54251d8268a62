import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { painter, useColor } from '../output/paint.ts';
import { problemsJson, problemsText } from '../output/problems.ts';
import { SOURCE_TYPES } from '../registry.ts';

export interface ValidateFlags {
  readonly config: string;
  readonly format?: 'text' | 'json';
  readonly quiet?: boolean;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function summary(config: Config): string {
  const parts = [
    counted(config.sources.length, 'source'),
    counted(config.flows.length, 'flow'),
    counted(config.nodes.length, 'node'),
    counted(config.edges.length, 'edge'),
  ];
  return `${config.file} is valid: ${parts.join(', ')}`;
}

/** Reports every problem of the file and what it includes. Exit 65 when there are errors; warnings alone are 0. */
export async function validate(context: CliContext, flags: ValidateFlags): Promise<ExitCode> {
  const { config, problems } = await loadConfig({
    file: flags.config,
    cwd: context.cwd,
    env: context.env,
    sourceTypes: SOURCE_TYPES,
    secrets: 'check',
    now: context.now(),
  });
  if (flags.format === 'json') context.stdout.write(problemsJson(problems));
  else {
    const paint = painter({ color: useColor(context.env, context.stderr.isTTY) });
    context.stderr.write(problemsText(problems, { paint }));
    if (config !== null && flags.quiet !== true) context.stdout.write(`${summary(config)}\n`);
  }
  return config === null ? EXIT.config : EXIT.done;
}
