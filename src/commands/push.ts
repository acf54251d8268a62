import { join, resolve, sep } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { McIngestError, type Problem, ProblemsError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type CheckedManifest, checkManifest } from '../manifest/check.ts';
import type { PushSummary } from '../montecarlo/push-types.ts';
import { applied } from '../plan/applied.ts';
import type { RunChange, State } from '../state/types.ts';
import { type FlowEffects, pushManifest } from '../tasks/effects.ts';
import { isFinished, pushRecord } from '../tasks/push-record.ts';
import { failedRow, pushRow } from '../tasks/push-row.ts';
import { printRun } from './print-run.ts';
import { manifestFolder } from './project-state.ts';
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

/**
 * Reads every manifest to its end before anything is sent; all problems of all of them at once. A file that is named
 * twice is read and sent once. What `collect` wrote (into its own folder, with a digest) was checked when it was made.
 */
async function checkAll(context: CliContext, flags: PushFlags, config: Config): Promise<readonly Checked[]> {
  const problems: Problem[] = [];
  const checked = new Map<string, Checked>();
  for (const shown of flags.manifests) {
    const path = resolve(context.cwd, shown);
    if (checked.has(path)) continue;
    const written = path.startsWith(join(manifestFolder(config), sep)) ? 'here' : 'elsewhere';
    const found = await checkManifest(path, { shown, allow: flags.allow ?? [], written });
    problems.push(...found.problems);
    if (found.head !== null) checked.set(path, { path, flow: found.head.flow, found });
  }
  if (problems.some((problem) => problem.severity === 'error')) throw new ProblemsError(problems);
  for (const problem of problems)
    context.stderr.write(`warning[${problem.code}] ${problem.file}:${problem.line}  ${problem.message}\n`);
  return [...checked.values()];
}

/** What a refused key closes: all that is left (401), or what is for the same resource (403). */
class RefusedKey {
  #all = false;
  readonly #resources = new Set<string>();

  note(row: RunChange, resource: string): void {
    if (row.error?.code === 'MCI411') this.#all = true;
    if (row.error?.code === 'MCI412') this.#resources.add(resource);
  }

  stops(resource: string): boolean {
    return this.#all || this.#resources.has(resource);
  }
}

interface PushWork {
  readonly config: Config;
  readonly state: State | null;
  readonly effects: FlowEffects;
}

/**
 * Once all of a declared flow's manifest was accepted, the state knows the flow as pushed: `collect` and `push` leave the
 * same behind as `apply`, which then waits its hour. A manifest of another resource or kind says nothing of the flow.
 */
async function recordFlow({ flow, found }: Checked, summary: PushSummary, work: PushWork): Promise<void> {
  const { config, state, effects } = work;
  const { head, end } = found;
  const declared = config.flows.find(({ name }) => name === flow);
  const same = declared?.collect === head?.collect && declared?.resource.uuid === head?.resource?.uuid;
  if (declared === undefined || !same || end === null || !isFinished(summary)) return;
  const { planProject } = await import('./project.ts');
  const key = `flow:${flow}` as const;
  const plan = planProject(config, state, { flags: { config: config.file }, now: effects.now() });
  const planned = plan.changes.find((change) => change.key === key);
  if (planned === undefined) return;
  const change = { ...planned, action: 'push' } as const;
  const at = new Date(effects.now()).toISOString();
  const push = pushRecord(change, { at, summary, stats: null, end });
  const item = applied(change, { run: effects.run, at, push });
  if (item !== null) await effects.recorder.item(key, item);
}

interface Pushed {
  readonly row: RunChange;
  readonly learned: Readonly<Record<string, number>>;
}

async function pushOne(checked: Checked, work: PushWork): Promise<Pushed> {
  const { path, flow, found } = checked;
  const { config, effects } = work;
  const change = { key: `flow:${flow}`, action: 'push' } as const;
  try {
    const declared = config.flows.find((candidate) => candidate.name === flow);
    const summary = await pushManifest(
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
    await effects.recorder.learned(summary.learned);
    await recordFlow(checked, summary, work);
    return { row: pushRow(change, { summary, collected: null }), learned: summary.learned };
  } catch (error) {
    // A state that cannot be written ends the run; a manifest that went away is a failure of its own.
    if (error instanceof McIngestError && error.exit === 'state_unsaved') throw error;
    return { row: failedRow(change, error), learned: {} };
  }
}

async function pushAll(manifests: readonly Checked[], work: PushWork): Promise<readonly RunChange[]> {
  const { effects } = work;
  const rows: RunChange[] = [];
  const refused = new RefusedKey();
  let learned = effects.learned;
  for (const manifest of manifests) {
    const resource = manifest.found.head?.resource?.uuid ?? '';
    const common = { key: `flow:${manifest.flow}`, action: 'push', receipts: [] };
    if (effects.signal.aborted) rows.push({ ...common, status: 'skipped', because: 'interrupted' });
    else if (refused.stops(resource)) rows.push({ ...common, status: 'skipped', because: 'the key was refused' });
    else {
      const pushed = await pushOne(manifest, { ...work, effects: { ...effects, learned } });
      learned = { ...learned, ...pushed.learned };
      refused.note(pushed.row, resource);
      rows.push(pushed.row);
    }
  }
  return rows;
}

/**
 * `mc-ingest push MANIFEST…`: checks every line, sends the events, records every receipt. What it is given it sends, also
 * when the same manifest was pushed before.
 */
export async function push(context: CliContext, flags: PushFlags): Promise<ExitCode> {
  const config = await readProject(context, flags, 'defer');
  const manifests = await checkAll(context, flags, config);
  const remote = await remoteOf(context, { config, now: context.now });
  remote.require({ ingest: true, graphql: false });
  try {
    const record = await withRun(context, { config, command: 'push', now: context.now, flags }, async (open) => {
      await open.begin();
      const progress = { say: () => undefined, line: (text: string) => context.stderr.write(`${text}\n`) };
      const effects = remote.effects(open, progress, flags);
      return { rows: await pushAll(manifests, { config, state: open.state, effects }) };
    });
    printRun(context, record, flags);
    return record.exit_code as ExitCode;
  } finally {
    await remote.close();
  }
}
