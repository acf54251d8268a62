import { resolve } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { painter, useColor } from '../output/paint.ts';
import { planText } from '../output/plan-text.ts';
import type { Plan } from '../plan/types.ts';
import type { RunRecord } from '../state/types.ts';
import { runName } from '../tasks/recorder.ts';
import { carryOut } from '../tasks/run.ts';
import { hasWork, planFlags } from './plan.ts';
import { printRun } from './print-run.ts';
import { checkGuards, type ProjectFlags, planProject } from './project.ts';
import { openProjectState } from './project-state.ts';
import { readProject } from './read-project.ts';
import { readSavedPlan, type SavedPlan, staleness } from './saved-plan.ts';
import { isUtf8 } from './terminal.ts';
import { keysFor, type Remote, remoteOf, viewFor } from './wiring.ts';
import { withRun } from './with-run.ts';

export interface ApplyFlags extends ProjectFlags {
  readonly plan?: string;
  readonly format: 'text' | 'json';
  readonly yes?: boolean;
  readonly expect?: string;
  readonly lockTimeout: number;
  readonly now?: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

function showPlan(context: CliContext, plan: Plan, flags: ApplyFlags): void {
  if (flags.quiet === true) return;
  const paint = painter({ color: useColor(context.env, context.stderr.isTTY) });
  const columns = context.stderr.isTTY ? context.stderr.columns : null;
  context.stderr.write(
    `${planText(plan, { columns, utf8: isUtf8(context.env), paint, verbose: flags.verbose === true, flags: planFlags(flags) })}\n`,
  );
}

async function agreed(context: CliContext): Promise<boolean> {
  if (context.stdin.isTTY !== true)
    throw new McIngestError(
      'MCI004',
      'usage',
      'apply asks before it changes anything, and there is no terminal to ask at',
      {
        fix: 'give --yes, or a saved plan: mc-ingest apply plan.json',
      },
    );
  context.stderr.write('Do this? Only "yes" does it: ');
  const answer = await Promise.race([firstLine(context.stdin).catch(() => ''), interruption(context.signal)]);
  if (answer !== null) return answer.trim() === 'yes';
  const exit = context.signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
  throw new McIngestError('MCI002', exit, 'interrupted before it was agreed to; nothing was done');
}

async function interruption(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return null;
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
}

/** Leaving the loop closes the terminal's input, so that it does not keep the process waiting. */
async function firstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes('\n')) break;
  }
  return text.split('\n', 1)[0] ?? '';
}

/** The fingerprint that was approved, or null when whatever the plan is under the lock may be done (`--yes`). */
async function approval(
  context: CliContext,
  config: Config,
  { flags, saved }: { readonly flags: ApplyFlags; readonly saved: SavedPlan | null },
): Promise<{ readonly fingerprint: string | null; readonly declined: boolean }> {
  if (saved !== null) return { fingerprint: saved.fingerprint, declined: false };
  if (flags.expect !== undefined) return { fingerprint: flags.expect, declined: false };
  if (flags.yes === true) return { fingerprint: null, declined: false };
  const { state } = await openProjectState(context, config);
  const preview = planProject(config, state, { flags, now: flags.now ?? context.now() });
  if (!hasWork(preview)) return { fingerprint: null, declined: false };
  showPlan(context, preview, flags);
  checkGuards(preview, flags.allow ?? []);
  return { fingerprint: preview.fingerprint, declined: !(await agreed(context)) };
}

function stale(why: string): McIngestError {
  return new McIngestError('MCI353', 'guarded', `the plan is stale: ${why}`, {
    fix: 'make a new plan, read it, and apply that one',
  });
}

/** `--expect` takes the short form that `plan` shows, too. */
function checkApproved(plan: Plan, approved: string | null): void {
  if (approved === null) return;
  const short = plan.fingerprint.replace(/^sha256:/, '');
  const wanted = approved.replace(/^sha256:/, '');
  if (wanted.length >= 8 && short.startsWith(wanted)) return;
  throw stale(`now it is ${short.slice(0, 8)}, approved was ${wanted.slice(0, 8)}`);
}

/** A saved plan also tells what it was made from: on anything else it is not carried out. */
function checkSaved(context: CliContext, plan: Plan, saved: SavedPlan | null): void {
  const why = saved === null ? null : staleness(saved, plan, context.version);
  if (why !== null) throw stale(why);
}

/** The same part of the file is planned again that the saved plan was about. */
function withSelection(flags: ApplyFlags, { select, exclude }: SavedPlan): ApplyFlags {
  return { ...flags, ...(select.length === 0 ? {} : { select }), ...(exclude.length === 0 ? {} : { exclude }) };
}

function rehearsalOnly(flags: ApplyFlags, remote: Remote): void {
  if (flags.now !== undefined && !remote.loopback)
    throw new McIngestError('MCI005', 'usage', 'apply takes --now only when both endpoints are loopback addresses', {
      fix: 'use plan --now to see what would happen then',
    });
}

/** `mc-ingest apply`: plans again under the lock, stops if that is not what was approved, carries out, records. */
export async function apply(context: CliContext, given: ApplyFlags): Promise<ExitCode> {
  const saved = given.plan === undefined ? null : await readSavedPlan(resolve(context.cwd, given.plan));
  const flags = saved === null ? given : withSelection(given, saved);
  const config = await readProject(context, flags, 'check');
  const now = flags.now === undefined ? context.now : clockFrom(flags.now, context.now);
  const remote = await remoteOf(context, { config, now });
  rehearsalOnly(flags, remote);
  const { fingerprint, declined } = await approval(context, config, { flags, saved });
  if (declined) {
    context.stderr.write('Nothing was done.\n');
    if (flags.format === 'json') printRun(context, declinedRun(context, now()), flags);
    return EXIT.done;
  }
  try {
    const record = await withRun(context, { config, command: 'apply', now, flags }, async (open) => {
      const plan = planProject(config, open.state, { flags, now: now() });
      checkSaved(context, plan, saved);
      checkApproved(plan, fingerprint);
      checkGuards(plan, flags.allow ?? []);
      if (fingerprint === null) showPlan(context, plan, flags);
      if (!hasWork(plan)) return null;
      remote.require(keysFor(plan));
      await open.begin(plan.fingerprint);
      const view = await viewFor(context, flags);
      const rows = await carryOut({
        plan,
        run: open.run,
        recorder: open.recorder((line) => view.line(line)),
        client: () => remote.lineage(open.signal),
        effects: (progress) => remote.effects(open, progress, flags),
        view,
        signal: open.signal,
        now,
      });
      return { rows, fingerprint: plan.fingerprint };
    });
    printRun(context, record, flags);
    return record.exit_code as ExitCode;
  } finally {
    await remote.close();
  }
}

/** The document of a run that nobody agreed to: it was never begun. */
function declinedRun(context: CliContext, now: number): RunRecord {
  const at = new Date(now).toISOString();
  return {
    format: 'mc-ingest.run/1',
    run: runName(now, `${context.pid}/${context.random()}`),
    command: 'apply',
    started_at: at,
    finished_at: at,
    outcome: 'refused',
    exit_code: EXIT.done,
    changes: [],
  };
}

function clockFrom(start: number, now: () => number): () => number {
  const began = now();
  return () => start + (now() - began);
}
