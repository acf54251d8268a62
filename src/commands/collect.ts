import { resolve } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { EXIT } from '../exit-code.ts';
import type { FlowJob } from '../flows/flow.ts';
import type { RunChange, RunRecord } from '../state/types.ts';
import { collectJob } from '../tasks/effects.ts';
import { outcomeOf, runExit } from '../tasks/outcome.ts';
import { failedRow } from '../tasks/push-row.ts';
import { runName } from '../tasks/recorder.ts';
import { printRun } from './print-run.ts';
import { manifestFolder, openProjectState } from './project-state.ts';
import { readProject } from './read-project.ts';
import { collectOnly } from './wiring.ts';

export interface CollectFlags {
  readonly flows: readonly string[];
  readonly config: string;
  readonly format: 'text' | 'json';
  readonly out?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

function chosen(config: Config, names: readonly string[]): readonly FlowJob[] {
  return names.map((name) => {
    const flow = config.flows.find((candidate) => candidate.name === name.replace(/^flow:/, ''));
    if (flow !== undefined) return flow;
    const known = config.flows.map((candidate) => candidate.name).join(', ') || 'none';
    throw new McIngestError('MCI006', 'usage', `there is no flow ${name} in ${config.file}`, {
      fix: `flows: ${known}`,
    });
  });
}

/** `mc-ingest collect`: reads flows into manifests and prints a run document. Pushes nothing, changes no state. */
export async function collect(context: CliContext, given: CollectFlags): Promise<ExitCode> {
  const config = await readProject(context, given, 'check');
  const flows = chosen(config, given.flows);
  const started = context.now();
  const run = runName(started, `${context.pid}/${context.random()}`);
  const manifests = given.out === undefined ? manifestFolder(config) : resolve(context.cwd, given.out);
  const effects = collectOnly(context, { config, run, manifests, now: context.now, quiet: given.quiet === true });
  const items = (await openProjectState(context, config)).state?.items ?? {};
  const rows: RunChange[] = [];
  for (const flow of flows) {
    const key = `flow:${flow.name}` as const;
    const change = { key, action: 'push' } as const;
    // Query logs go on from where the last push ended, as they do in apply.
    const before = Object.hasOwn(items, key) ? items[key] : undefined;
    try {
      const { events, end, manifest, cut } = await collectJob(flow, before === undefined ? {} : { before }, effects);
      const window = {
        ...(end.watermark?.from === undefined ? {} : { from: end.watermark.from }),
        ...(end.watermark === undefined ? {} : { to: end.watermark.to }),
      };
      const because = end.missing.length === 0 ? manifest : `${manifest}; incomplete: ${end.missing.join('; ')}`;
      rows.push({
        key,
        action: 'collect',
        status: 'done',
        because,
        collected: { events, complete: end.complete, ...(cut === 0 ? {} : { cut }), ...window },
        receipts: [],
      });
    } catch (error) {
      rows.push({ ...failedRow(change, error), action: 'collect' });
    }
  }
  const interrupted = context.signal.aborted ? String(context.signal.reason) : null;
  const exit = runExit({ rows, interrupted, unavailable: new Set() });
  const record: RunRecord = {
    format: 'mc-ingest.run/1',
    run,
    command: 'collect',
    started_at: new Date(started).toISOString(),
    finished_at: new Date(context.now()).toISOString(),
    outcome: outcomeOf(exit),
    exit_code: EXIT[exit],
    changes: rows,
  };
  printRun(context, record, given);
  return EXIT[exit];
}
