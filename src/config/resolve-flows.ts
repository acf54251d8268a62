import { durationMs } from './duration.ts';
import { type Entry, own, ownText, ownTexts, report } from './raw.ts';
import { type Resolving, resolveValue } from './resolve-value.ts';
import { didYouMean } from './suggest.ts';
import type { FlowConfig, SourceConfig, SourceType } from './types.ts';
import { COLLECT_WORDS, LOG_TYPES } from './vocabulary.ts';

const HOUR = 3_600_000;
const TEN_DAYS = 10 * 24 * HOUR;
const OURS = ['source', 'collect', 'every', 'full_every', 'lag', 'log_type', 'batch', 'compression', 'tags', 'protect'];

export interface FlowContext {
  readonly sources: ReadonlyMap<string, SourceConfig>;
  readonly types: Readonly<Record<string, SourceType>>;
  /** `log_types:` of the files, by kind of source. */
  readonly logTypes: Readonly<Record<string, string>>;
  /** Sources that name a resource: when it is wrong, that was said there. */
  readonly named: ReadonlySet<string>;
  readonly resolving: Resolving;
}

function every(entry: Entry, collect: string): number {
  const text = ownText(entry.raw, 'every');
  const ms = durationMs(text ?? '1h') ?? HOUR;
  if (ms < HOUR)
    report(
      entry,
      {
        code: 'MCI210',
        message: `every ${text} is under an hour`,
        fix: 'every: 1h or more; a resource takes one push an hour',
      },
      'every',
    );
  if (collect === 'column_lineage' && ms > TEN_DAYS)
    report(
      entry,
      {
        code: 'MCI209',
        message: `column lineage lapses after 10 days, and is pushed every ${text} only`,
        fix: 'every: 7d or less',
      },
      'every',
    );
  return ms;
}

function checkCollect(entry: Entry, collect: string, type: SourceType): void {
  const can = Object.hasOwn(type.collects, collect) ? type.collects[collect] : undefined;
  // A word that is none of them was refused by the schema.
  if (can === true || !COLLECT_WORDS.some((word) => word.const === collect)) return;
  const able = Object.keys(type.collects).filter((name) => type.collects[name] === true);
  const why = can === undefined ? '' : `: ${can.not}`;
  const message = `a ${type.type} source cannot collect ${collect}${why}`;
  report(entry, { code: 'MCI208', message, fix: `it collects ${able.join(', ') || 'nothing'}` }, 'collect');
}

function logType(entry: Entry, type: SourceType | undefined, context: FlowContext): string | undefined {
  const own = ownText(entry.raw, 'log_type');
  const mapped =
    type === undefined || !Object.hasOwn(context.logTypes, type.type) ? undefined : context.logTypes[type.type];
  const chosen = own ?? mapped ?? type?.log_type;
  if (chosen === undefined) {
    const title = type?.title ?? 'this source';
    const label = `Monte Carlo documents no log_type for ${title}; what it does not know it drops after the 202`;
    const fix = `if Monte Carlo told you which to use: log_types: { ${type?.type}: … } with one of ${LOG_TYPES.join(', ')}`;
    report(entry, { code: 'MCI207', message: `query logs of ${title} have no log_type`, label, fix }, 'collect');
  } else if (own !== undefined && !LOG_TYPES.includes(own)) {
    const fix =
      own === 'hive' ? 'Hive is hive-s3' : (didYouMean(own, LOG_TYPES) ?? 'take one of the documented values');
    report(entry, { code: 'MCI206', message: `log_type ${own} is not one that Monte Carlo takes`, fix }, 'log_type');
  }
  return chosen;
}

function ownOptions(entry: Entry, source: SourceConfig, context: FlowContext): FlowConfig['options'] {
  const type = Object.hasOwn(context.types, source.type) ? context.types[source.type] : undefined;
  const options: Record<string, FlowConfig['options'][string]> = {};
  for (const key of Object.keys(entry.raw)) {
    if (OURS.includes(key)) continue;
    const schema = type === undefined ? undefined : own(type.flowProperties, key);
    if (type !== undefined && schema === undefined)
      report(
        entry,
        { code: 'MCI221', message: `a flow on a ${source.type} source has no ${key}`, at: 'key', fix: 'remove it' },
        key,
      );
    // References were refused before; what is left is plain values.
    else options[key] = resolveValue(entry.raw[key], {}, { entry, steps: [key], resolving: context.resolving });
  }
  for (const key of type?.flowRequired ?? [])
    if (!Object.hasOwn(options, key))
      report(entry, {
        code: 'MCI224',
        message: `a flow on a ${source.type} source needs ${key}`,
        at: 'key',
        fix: `add ${key}:`,
      });
  return options;
}

function optionalDuration(entry: Entry, key: 'full_every' | 'lag'): Record<string, number> {
  const ms = durationMs(ownText(entry.raw, key) ?? '');
  return ms === null ? {} : { [key]: ms };
}

function batch(entry: Entry): FlowConfig['batch'] {
  const raw = own(entry.raw, 'batch');
  const [events, bytes] = [own(raw, 'events'), own(raw, 'bytes')];
  return { ...(typeof events === 'number' ? { events } : {}), ...(typeof bytes === 'number' ? { bytes } : {}) };
}

function sourceOf(entry: Entry, context: FlowContext): SourceConfig | undefined {
  const name = ownText(entry.raw, 'source');
  if (name === undefined) return undefined;
  const source = context.sources.get(name);
  if (source === undefined) {
    const fix = didYouMean(name, [...context.sources.keys()]) ?? 'declare it under sources';
    report(entry, { code: 'MCI201', message: `there is no source ${name}`, fix }, 'source');
  }
  return source;
}

function resolveFlow(entry: Entry, context: FlowContext): FlowConfig | null {
  const collect = ownText(entry.raw, 'collect') ?? '';
  const interval = every(entry, collect);
  const source = sourceOf(entry, context);
  if (source === undefined) return null;
  const type = Object.hasOwn(context.types, source.type) ? context.types[source.type] : undefined;
  if (type !== undefined && collect !== '') checkCollect(entry, collect, type);
  const log_type = collect === 'query_logs' ? logType(entry, type, context) : undefined;
  if (collect !== 'query_logs' && ownText(entry.raw, 'log_type') !== undefined)
    report(entry, { code: 'MCI206', message: 'log_type is for query logs only', fix: 'remove it' }, 'log_type');
  const options = ownOptions(entry, source, context);
  if (source.resource === null) {
    const fix = 'name one with resource:, or set MCD_RESOURCE_UUID';
    if (!context.named.has(source.name))
      report(entry, { code: 'MCI217', message: `source ${source.name} belongs to no resource`, fix }, 'source');
    return null;
  }
  return {
    name: entry.name,
    source,
    resource: source.resource,
    collect,
    every: interval,
    ...optionalDuration(entry, 'full_every'),
    ...optionalDuration(entry, 'lag'),
    ...(log_type === undefined ? {} : { log_type }),
    batch: batch(entry),
    compression: own(entry.raw, 'compression') === 'gzip' ? 'gzip' : 'none',
    tags: ownTexts(entry.raw, 'tags'),
    protect: own(entry.raw, 'protect') === true,
    options,
    origin: entry.file.document.origin(entry.path),
  };
}

/** The flows of the file, each with its source and resource; every rule about one flow is checked here. */
export function resolveFlows(found: ReadonlyMap<string, Entry>, context: FlowContext): readonly FlowConfig[] {
  return [...found.values()].flatMap((entry) => resolveFlow(entry, context) ?? []);
}
