import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { McIngestError, type Problem, ProblemsError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type CheckedManifest, checkManifest } from '../manifest/check.ts';
import type { PushSummary } from '../montecarlo/push.ts';
import type { RunChange } from '../state/types.ts';
import { pushManifest } from '../tasks/effects.ts';
import { failedRow, pushRow } from '../tasks/flow.ts';
import { printRun } from './print-run.ts';
import { readProject } from './read-project.ts';
import { remoteOf } from './wiring.ts';
import { withRun } from './with-run.ts';

export interface PushFlags {
  readonly manifests: readonly string[];
  readonly config: string;
  readonly format: 'text' | 'json';
  readonly allow?: readonly string[];
  readonly lockTimeout: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

interface Checked {
  readonly path: string;
  readonly flow: string;
  readonly found: CheckedManifest;
}

/** Reads every manifest to its end before anything is sent; all problems of all of them at once. */
async function checkAll(context: CliContext, flags: PushFlags): Promise<readonly Checked[]> {
  const problems: Problem[] = [];
  const checked: Checked[] = [];
  for (const shown of flags.manifests) {
    const found = await checkManifest(resolve(context.cwd, shown), { shown, allow: flags.allow ?? [] });
    problems.push(...found.problems);
    if (found.head !== null) checked.push({ path: resolve(context.cwd, shown), flow: found.head.flow, found });
  }
  if (problems.some((problem) => problem.severity === 'error')) throw new ProblemsError(problems);
  for (const problem of problems)
    context.stderr.write(`warning[${problem.code}] ${problem.file}:${problem.line}  ${problem.message}\n`);
  return checked;
}

/** `mc-ingest push MANIFEST…`: checks every line, sends the events, records every receipt. */
export async function push(context: CliContext, flags: PushFlags): Promise<ExitCode> {
  const config = await readProject(context, flags, 'defer');
  const manifests = await checkAll(context, flags);
  const remote = await remoteOf(context, config);
  remote.require({ ingest: true, graphql: false });
  try {
    const record = await withRun(context, { config, command: 'push', now: context.now, flags }, async (open) => {
      await open.begin();
      const progress = { say: () => undefined, line: (text: string) => context.stderr.write(`${text}\n`) };
      const effects = remote.effects(open, progress, flags);
      const rows: RunChange[] = [];
      for (const { path, flow, found } of manifests) {
        const change = { key: `flow:${flow}`, action: 'push' } as const;
        try {
          const declared = config.flows.find((candidate) => candidate.name === flow);
          const summary: PushSummary = await pushManifest(
            {
              key: change.key,
              manifest: path,
              accepted: [],
              item: undefined,
              form: found.sentForm ? 'as_is' : 'normalised',
              ...(found.stats === null ? {} : { checked: found.stats }),
              batch: declared?.batch ?? {},
              compression: declared?.compression ?? 'none',
            },
            effects,
          );
          rows.push(pushRow(change, { summary, collected: null }));
        } catch (error) {
          if (error instanceof McIngestError && error.exit === 'config') throw error;
          rows.push(failedRow(change, error));
        }
      }
      return { rows };
    });
    printRun(context, record, flags);
    return record.exit_code as ExitCode;
  } finally {
    await remote.close();
  }
}
