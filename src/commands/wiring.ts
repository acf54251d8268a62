import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { connectionFrom, isLoopback } from '../montecarlo/connection.ts';
import { graphqlClient } from '../montecarlo/graphql.ts';
import type { Transport } from '../montecarlo/http-transport.ts';
import type { Connection } from '../montecarlo/types.ts';
import { painter, useColor } from '../output/paint.ts';
import { problemsText } from '../output/problems.ts';
import type { Plan } from '../plan/types.ts';
import { SOURCES } from '../registry.ts';
import type { LineageClient } from '../tasks/custom-lineage.ts';
import type { CollectEffects, FlowEffects } from '../tasks/effects.ts';
import type { Progress, View } from '../tasks/rows.ts';
import { plainView, treeView } from '../tasks/tree.ts';
import { manifestFolder } from './project-state.ts';
import { asShown } from './terminal.ts';
import type { OpenRun } from './with-run.ts';

/** How many requests run at once: pushes; mutations have the same number of places (tasks/run). */
const CONCURRENCY = 4;

export interface Remote {
  /** Both endpoints are loopback addresses: the sandbox. */
  readonly loopback: boolean;
  /** Checks before anything is done that the keys a plan needs are there. Throws with the variables' names. */
  require(needs: { readonly ingest: boolean; readonly graphql: boolean }): void;
  lineage(signal: AbortSignal): LineageClient;
  effects(
    open: OpenRun,
    progress: Pick<Progress, 'say' | 'line'>,
    flags: { readonly allow?: readonly string[] },
  ): FlowEffects;
  close(): Promise<void>;
}

/** Which of the two keys a plan needs. */
export function keysFor(plan: Plan): { readonly ingest: boolean; readonly graphql: boolean } {
  const work = plan.changes.filter((change) => change.action !== 'keep' && change.action !== 'wait');
  return {
    ingest: work.some((change) => change.kind === 'flow' && change.action === 'push'),
    graphql: work.some((change) => change.kind !== 'flow' && change.action !== 'forget'),
  };
}

/** The tree on a terminal, plain lines elsewhere. All of it goes to stderr: stdout carries the result. */
export async function viewFor(
  context: CliContext,
  flags: { readonly quiet?: boolean; readonly format: string },
): Promise<View> {
  const { stderr } = context;
  const tree = stderr.isTTY && stderr.stream !== undefined && flags.quiet !== true && context.env['CI'] === undefined;
  return tree && stderr.stream !== undefined
    ? treeView(stderr.stream)
    : plainView({ write: (text) => stderr.write(asShown(context.env, text)) }, { quiet: flags.quiet === true });
}

/** The remote side as the environment names it; connections are opened on first use. */
export async function remoteOf(
  context: CliContext,
  { config, now }: { readonly config: Config; readonly now: () => number },
): Promise<Remote> {
  const { env, version, random } = context;
  const connect = (needs: { readonly ingest: boolean; readonly graphql: boolean }): Connection =>
    connectionFrom(env, { needs, readFile: (path) => readFileSync(path, 'utf8'), version, uuid: randomUUID });
  const connection = connect({ ingest: false, graphql: false });
  const hosts = [connection.endpoint, connection.graphqlEndpoint].map((base) => new URL(base).hostname);
  let opened: Transport | null = null;
  const transport: Transport = {
    async post(request) {
      if (opened === null) {
        const { httpTransport } = await import('../montecarlo/http-transport.ts');
        opened ??= httpTransport({ connection, version, concurrency: CONCURRENCY });
      }
      return opened.post(request);
    },
    async close() {
      await opened?.close();
    },
  };
  const clock = { now: context.now, sleep: softSleep };
  return {
    loopback: hosts.every(isLoopback),
    require: (needs) => void connect(needs),
    lineage: (signal) =>
      graphqlClient({ connection, transport, clock, random, uuid: randomUUID, signal, kill: graceAfter(signal) }),
    effects: (open, progress, flags) => ({
      ...flowBasics(context, { config, run: open.run, manifests: manifestFolder(config), now }, (text) =>
        progress.line(text),
      ),
      recorder: open.recorder((text) => progress.line(text)),
      signal: open.signal,
      allow: new Set(flags.allow ?? []),
      learned: open.state?.learned ?? {},
      recovered: open.recovered,
      transport: {
        connection,
        transport,
        concurrency: CONCURRENCY,
        signal: open.signal,
        clock,
        random,
        uuid: randomUUID,
      },
      say: (key, detail) => progress.say(key, detail),
    }),
    close: () => transport.close(),
  };
}

/** What is on its way when a signal comes gets so long to be answered. */
const GRACE_MS = 4_000;

function graceAfter(signal: AbortSignal): AbortSignal {
  const kill = new AbortController();
  const onAbort = (): void => void setTimeout(() => kill.abort(), GRACE_MS).unref();
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return kill.signal;
}

/** Sleeps; an abort ends it early, without an error. */
async function softSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

interface Basics {
  readonly config: Config;
  readonly run: string;
  readonly manifests: string;
  /** The run's clock: windows and receipts are of this time. */
  readonly now: () => number;
}

function flowBasics(
  context: CliContext,
  { config, run, manifests, now }: Basics,
  line: (text: string) => void,
): Omit<CollectEffects, 'signal' | 'say'> {
  const paint = painter({ color: useColor(context.env, context.stderr.isTTY) });
  // A tree holds back what is written beside it until it is drawn to its end, while its own lines pass.
  const lasting = (text: string): void => context.stderr.write(`${text}\n`);
  return {
    line,
    report: (problems) => lasting(problemsText(problems, { paint }).trimEnd()),
    run,
    manifests,
    flows: config.flows,
    sources: SOURCES,
    now,
    freeMemory: freemem,
    world: {
      dir: config.dir,
      env: context.env,
      now,
      note: lasting,
    },
  };
}

/** What `collect` needs: sources and manifests, nothing of Monte Carlo. */
export function collectOnly(context: CliContext, options: Basics & { readonly quiet: boolean }): CollectEffects {
  return {
    ...flowBasics(context, options, (text) => context.stderr.write(`${text}\n`)),
    signal: context.signal,
    say: () => undefined,
  };
}
