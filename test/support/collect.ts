import { tmpdir } from 'node:os';
import type { Asset, Collect, Lineage, Noun, QueryLog } from '../../src/model.ts';
import { SOURCES } from '../../src/registry.ts';
import type { Option } from '../../src/secret.ts';
import type { CollectEnd, CollectRequest } from '../../src/sources/source.ts';

export interface Collecting {
  readonly type: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly collect: Collect;
  readonly flow?: Readonly<Record<string, Option>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly dir?: string;
  readonly mode?: CollectRequest['mode'];
  readonly from?: string;
  readonly to?: string;
  readonly signal?: AbortSignal;
  readonly onNoun?: (noun: Noun) => Promise<void> | void;
}

export interface CollectedNouns {
  readonly nouns: readonly Noun[];
  readonly end: CollectEnd;
  /** What the source told people. */
  readonly notes: readonly string[];
}

/** A secret as the configuration makes one. */
export function secret(value: string): Option {
  const origin = { file: 'mc-ingest.yaml', line: 1, column: 1, path: '' };
  return { reveal: () => value, origin, toJSON: () => '***' } as Option;
}

/** Opens a source as a run does, reads everything, closes it. */
export async function collectAll(given: Collecting): Promise<CollectedNouns> {
  const { type, options, collect, flow = {}, env = {}, dir = tmpdir(), mode = 'full', from, to } = given;
  const signal = given.signal ?? new AbortController().signal;
  const source = await SOURCES[type]?.();
  if (source === undefined) throw new Error(`no source ${type}`);
  const notes: string[] = [];
  const world = { dir, env, now: Date.now, note: (line: string) => void notes.push(line) };
  const session = await source.open({ name: 'shop', options, world, signal });
  try {
    const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const collection = session.collect({ collect, mode, options: flow, signal, ...window });
    const nouns: Noun[] = [];
    for await (const noun of collection.rows) {
      nouns.push(noun);
      await given.onNoun?.(noun);
    }
    return { nouns, end: collection.end(), notes };
  } finally {
    await session.close();
  }
}

/** The assets by `schema.name`. */
export function assetsBy(nouns: readonly Noun[]): Readonly<Record<string, Asset>> {
  return Object.fromEntries(
    nouns.flatMap((noun) => (noun.noun === 'asset' ? [[`${noun.schema}.${noun.name}`, noun] as const] : [])),
  );
}

/** The edges as `source -> destination`, sorted. */
export function edgesOf(nouns: readonly Noun[]): readonly string[] {
  return nouns
    .flatMap((noun) => (noun.noun === 'lineage' ? noun.sources.map((source) => edge(source, noun.destination)) : []))
    .sort();
}

function edge(source: Lineage['destination'], destination: Lineage['destination']): string {
  const named = ({ schema, name, type }: Lineage['destination']) => `${schema}.${name}:${type}`;
  return `${named(source)} -> ${named(destination)}`;
}

export function logsOf(nouns: readonly Noun[]): readonly QueryLog[] {
  return nouns.filter((noun): noun is QueryLog => noun.noun === 'query_log');
}
