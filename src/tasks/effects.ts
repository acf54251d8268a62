import type { Stats } from 'node:fs';
import { link, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { McIngestError, type Problem, ProblemsError } from '../errors.ts';
import type { FlowJob } from '../flows/flow.ts';
import { grouped } from '../grouped.ts';
import { QUERY_TEXT_BYTES } from '../manifest/cut.ts';
import { type LineForm, openManifest } from '../manifest/read.ts';
import { createManifest } from '../manifest/write.ts';
import type { Collect } from '../model.ts';
import { ROUTES } from '../montecarlo/body.ts';
import { pushLines } from '../montecarlo/push.ts';
import type { PushDeps, PushProgress, PushSummary } from '../montecarlo/push-types.ts';
import type { Receipt } from '../montecarlo/types.ts';
import type { AppliedItem, Change } from '../plan/types.ts';
import type { Source, SourceWorld } from '../sources/source.ts';
import { type Collected, collectFlow, headOf } from './collect.ts';
import type { FlowWork, Resumable } from './flow.ts';
import { INTERRUPTED } from './outcome.ts';
import { failuresOf } from './push-row.ts';
import type { Recorder } from './recorder.ts';
import { manifestPath } from './resume.ts';

/** What a collect uses of the world. */
export interface CollectEffects {
  readonly run: string;
  readonly flows: readonly FlowJob[];
  readonly sources: Readonly<Record<string, () => Promise<Source>>>;
  readonly world: SourceWorld;
  /** Folder of the manifests: `.mc-ingest/manifests`. */
  readonly manifests: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly freeMemory: () => number;
  /** What a row shows of a flow; made only when it is shown. */
  readonly say: (key: string, detail: () => string) => void;
  readonly line: (text: string) => void;
  /** Shows people everything that is wrong in what a source read, each with its place. */
  readonly report: (problems: readonly Problem[]) => void;
}

/** What the flows of a run use: a collect's world, and the way to Monte Carlo. */
export interface FlowEffects extends CollectEffects {
  readonly recorder: Recorder;
  readonly allow: ReadonlySet<string>;
  readonly learned: Readonly<Record<string, number>>;
  /** Batches of runs that died: by flow key. */
  readonly recovered: ReadonlyMap<string, Resumable>;
  readonly transport: Omit<PushDeps, 'ledger' | 'onReceipt' | 'onProgress'>;
}

const GIB = 1_073_741_824;
const LOW_MEMORY = 2 * GIB;
const MOST_TOLD = 20;

function jobOf(change: Change, flows: readonly FlowJob[]): FlowJob {
  const flow = flows.find((candidate) => `flow:${candidate.name}` === change.key);
  if (flow === undefined) throw new Error(`${change.key} is not in the configuration`);
  return flow;
}

/** Says so when memory is short before a collect, and how much the flow will hold at most. */
function lookAtMemory(flow: FlowJob, { freeMemory, line }: CollectEffects): void {
  const free = freeMemory();
  if (free >= LOW_MEMORY) return;
  line(
    `warning  ${(free / GIB).toFixed(1)} GB of memory are free; flow:${flow.name} holds about 200 MB at most, whatever the number of rows`,
  );
}

/** Opens a flow's source, collects into a new manifest, closes the source whatever happens. */
export async function collectJob(
  flow: FlowJob,
  change: { readonly mode?: Change['mode']; readonly before?: Change['before'] },
  effects: CollectEffects,
): Promise<Collected> {
  const { signal, world, now, run } = effects;
  lookAtMemory(flow, effects);
  const load = effects.sources[flow.source.type];
  if (load === undefined) throw new McIngestError('MCI600', 'config', `no source of type ${flow.source.type}`);
  const source = await load();
  const folder = join(effects.manifests, flow.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${run}.ndjson`);
  const startedAt = new Date(now()).toISOString();
  const session = await source.open({ name: flow.source.name, options: flow.source.options, world, signal });
  try {
    const before = change.before?.kind === 'flow' ? change.before.push.watermark : undefined;
    const window =
      flow.collect === 'query_logs'
        ? { to: new Date(now() - (flow.lag ?? 0)).toISOString(), ...(before === undefined ? {} : { from: before }) }
        : {};
    const collected = await collectFlow({
      flow,
      session,
      request: {
        collect: flow.collect as Collect,
        mode: change.mode ?? 'full',
        options: flow.options,
        signal,
        ...window,
      },
      manifest: await createManifest(path, headOf(flow, startedAt)),
      path,
      onProgress: ({ events, columns }) =>
        effects.say(
          `flow:${flow.name}`,
          () => `${grouped(events)} ${noun(flow.collect)}${columns > 0 ? ` · ${grouped(columns)} columns` : ''}`,
        ),
    });
    sayCut(flow.name, collected.cut, effects.line);
    return collected;
  } catch (error) {
    if (error instanceof ProblemsError) effects.report(error.problems);
    throw error;
  } finally {
    await session.close();
  }
}

function sayCut(flow: string, cut: number, line: (text: string) => void): void {
  if (cut === 0) return;
  const texts = cut === 1 ? 'a query text' : `${cut} query texts`;
  line(`warning  flow:${flow}: ${texts} over ${QUERY_TEXT_BYTES} bytes cut; each ends with a mark that says so`);
}

function noun(collect: string): string {
  return collect === 'metadata' ? 'tables' : 'events';
}

interface PushOptions {
  readonly key: string;
  readonly manifest: string;
  readonly accepted: Resumable['accepted'];
  readonly item: AppliedItem | undefined;
  readonly batch: FlowJob['batch'];
  readonly compression: FlowJob['compression'];
  /** How its lines go out: as they stand, or brought into the form that is sent. */
  readonly form?: LineForm;
  /** The file as it was when its content was checked: another one is not sent. */
  readonly checked?: Stats;
}

/** Sends a manifest's lines; every batch is journalled before and after. Throws MCI705 when the file changed. */
export async function pushManifest(options: PushOptions, effects: FlowEffects): Promise<PushSummary> {
  const { key, manifest, accepted, item, batch, compression } = options;
  const opened = await openManifest(manifest, options.checked);
  const { endpoint } = ROUTES[opened.head.collect];
  const place = `${opened.head.resource?.uuid ?? 'many'}/${endpoint}`;
  const learned = effects.learned[place];
  const summary = await pushLines(
    {
      head: opened.head,
      lines: opened.lines(options.form),
      skip: accepted,
      batch,
      compression,
      ...(learned === undefined ? {} : { learned }),
    },
    {
      ...effects.transport,
      ledger: effects.recorder.batches(key, item),
      onReceipt: (_receipt: Receipt) => undefined,
      onProgress: (progress) => effects.say(key, () => counted(progress)),
    },
  );
  sayFailures(key, summary, effects.line);
  return summary;
}

/** The run's document has room for one reason a flow: all of them are told here. */
function sayFailures(key: string, summary: PushSummary, line: (text: string) => void): void {
  const failures = failuresOf(summary).filter(({ code }) => code !== INTERRUPTED);
  for (const { code, message } of failures.slice(0, MOST_TOLD)) line(`failed   ${key}  ${code}  ${message}`);
  const more = failures.length - MOST_TOLD;
  if (more > 0) line(`failed   ${key}  and ${more} more`);
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Words are made when they are shown: the first number in a person's form costs more than a small push. */
function counted({ requests, bytes, events }: PushProgress): string {
  return `${requests} request${requests === 1 ? '' : 's'} · ${sizeText(bytes)} · ${grouped(events)} event${events === 1 ? '' : 's'}`;
}

/** The flow's halves, bound to this run. */
export function flowWork(effects: FlowEffects, at: string): FlowWork {
  return {
    recorder: effects.recorder,
    run: effects.run,
    at,
    allow: effects.allow,
    collect: (change) => collectJob(jobOf(change, effects.flows), change, effects),
    async resume(change) {
      const left = effects.recovered.get(change.key);
      if (left === undefined || (change.before?.kind === 'flow' && change.before.push.anew === true)) return null;
      const found = await stat(left.manifest).catch(() => null);
      if (found === null) return null;
      const opened = await openManifest(left.manifest).catch(() => null);
      if (opened?.end == null) return null;
      // Under this run's name too: should it die as well, the next one knows which file its batches were cut from.
      await link(left.manifest, manifestPath(effects.manifests, change.key, effects.run));
      return { ...left, end: opened.end };
    },
    push: (change, manifest, accepted, item) => {
      const { batch, compression } = jobOf(change, effects.flows);
      return pushManifest({ key: change.key, manifest, accepted, item, batch, compression }, effects);
    },
  };
}
