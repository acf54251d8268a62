import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { painter, useColor } from '../output/paint.ts';
import { planDocument } from '../output/plan-json.ts';
import { planMarkdown } from '../output/plan-markdown.ts';
import { planText } from '../output/plan-text.ts';
import { problemsText } from '../output/problems.ts';
import type { Plan } from '../plan/types.ts';
import { checkGuards, type ProjectFlags, planProject } from './project.ts';
import { openProjectState } from './project-state.ts';
import { readProject } from './read-project.ts';
import { isUtf8 } from './terminal.ts';

export interface PlanFlags extends ProjectFlags {
  readonly format: 'text' | 'json' | 'markdown';
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  readonly now?: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Whether apply would do anything. */
export function hasWork(plan: Plan): boolean {
  return plan.changes.some(
    (change) => (change.action !== 'keep' && change.action !== 'wait') || change.moved_from !== undefined,
  );
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new McIngestError('MCI007', 'failed', `${path} cannot be written`, { cause });
  }
}

/** `mc-ingest plan`: what apply would do now, and why. Takes no lock, writes nothing remote. */
export async function plan(context: CliContext, flags: PlanFlags): Promise<ExitCode> {
  const config = await readProject(context, flags, 'defer');
  const { state } = await openProjectState(context, config);
  const found = planProject(config, state, { flags, now: flags.now ?? context.now() });
  const tool = { name: 'mc-ingest', version: context.version };
  const document = `${JSON.stringify(planDocument(found, tool), null, 2)}\n`;
  if (flags.out !== undefined) await save(resolve(context.cwd, flags.out), document);
  const paint = painter({ color: useColor(context.env, context.stderr.isTTY) });
  if (config.warnings.length > 0 && flags.quiet !== true)
    context.stderr.write(problemsText(config.warnings, { paint }));
  if (flags.format === 'json') context.stdout.write(document);
  else if (flags.format === 'markdown') context.stdout.write(planMarkdown(found));
  else
    context.stdout.write(
      planText(found, {
        columns: context.stdout.isTTY ? context.stdout.columns : null,
        utf8: isUtf8(context.env),
        paint: painter({ color: useColor(context.env, context.stdout.isTTY) }),
        verbose: flags.verbose === true,
      }),
    );
  try {
    checkGuards(found, flags.allow ?? []);
  } catch (error) {
    if (!(error instanceof McIngestError)) throw error;
    context.stderr.write(`${paint.red('refused')}[${error.code}] ${error.message}\n  fix   ${error.fix}\n`);
    return error.exitCode;
  }
  return flags.detailedExitcode === true && hasWork(found) ? EXIT.pending : EXIT.done;
}
