import { McIngestError } from '../errors.ts';
import type { FlowJob } from '../flows/flow.ts';
import { cutQueryText } from '../manifest/cut.ts';
import type { Manifest } from '../manifest/write.ts';
import type { Asset, Collect, ManifestHead, Noun } from '../model.ts';
import { eventLine } from '../montecarlo/wire.ts';
import type { CollectEnd, CollectRequest, Session } from '../sources/source.ts';

/** What the assets of a collect say together: the basis of the guards against a collapse and a clock going backwards. */
export interface AssetStats {
  readonly tables: number;
  readonly columns: number;
  readonly counted: number;
  readonly zero: number;
  readonly newest_update: string | null;
}

export interface Collected {
  readonly manifest: string;
  readonly events: number;
  readonly bytes: number;
  readonly end: CollectEnd;
  readonly stats: AssetStats;
  /** Query logs whose text was over the limit and was cut. */
  readonly cut: number;
}

/** What is looked at of an asset. */
type Counted = Pick<Asset, 'fields' | 'row_count' | 'last_update_time'>;

const ASSET_LINE = '{"relational_asset"';

/** An asset of a line that another program wrote, which was checked before; of any other event nothing is counted. */
function written(line: string): Counted {
  if (!line.trimStart().startsWith(ASSET_LINE)) return {};
  const { relational_asset: asset } = JSON.parse(line) as {
    relational_asset: {
      fields?: Asset['fields'] | null;
      volume?: { row_count?: number | null } | null;
      freshness?: { last_update_time?: string | null } | null;
    };
  };
  const rows = asset.volume?.row_count;
  const time = asset.freshness?.last_update_time;
  return {
    ...(asset.fields == null ? {} : { fields: asset.fields }),
    ...(rows == null ? {} : { row_count: rows }),
    ...(time == null ? {} : { last_update_time: time }),
  };
}

/** Counts assets as they pass; holds no rows. */
export class AssetCounter {
  #tables = 0;
  #columns = 0;
  #counted = 0;
  #zero = 0;
  #newest: string | null = null;

  add(noun: Noun): void {
    if (noun.noun === 'asset') this.#asset(noun);
    else if (noun.noun === 'raw') this.#asset(written(noun.text));
    else this.#tables += 1;
  }

  #asset(asset: Counted): void {
    this.#tables += 1;
    this.#columns += asset.fields?.length ?? 0;
    if (asset.row_count != null) {
      this.#counted += 1;
      if (Number(asset.row_count) === 0) this.#zero += 1;
    }
    const time = asset.last_update_time;
    if (time !== undefined && (this.#newest === null || Date.parse(time) > Date.parse(this.#newest)))
      this.#newest = time;
  }

  stats(): AssetStats {
    return {
      tables: this.#tables,
      columns: this.#columns,
      counted: this.#counted,
      zero: this.#zero,
      newest_update: this.#newest,
    };
  }
}

/** The first line of a flow's manifest. */
export function headOf(flow: FlowJob, startedAt: string): ManifestHead {
  const { uuid, resource_type } = flow.resource;
  return {
    flow: flow.name,
    collect: flow.collect as Collect,
    resource:
      flow.collect === 'query_logs' ? { uuid, log_type: flow.log_type ?? resource_type } : { uuid, resource_type },
    started_at: startedAt,
  };
}

interface CollectWork {
  readonly flow: FlowJob;
  readonly session: Session;
  readonly request: CollectRequest;
  readonly manifest: Manifest;
  readonly path: string;
  readonly onProgress: (counts: { readonly events: number; readonly columns: number }) => void;
}

/** In a collect of counts and freshness the definition of a table is left out. */
function reduced(noun: Noun, mode: CollectRequest['mode']): Noun {
  if (mode === 'full' || noun.noun !== 'asset') return noun;
  const { fields: _fields, description: _description, view_query: _query, ...rest } = noun;
  return rest;
}

/**
 * Reads a flow's rows from its source into its manifest, one line a row, made once. Streams; the manifest of a collect
 * that failed has no last line, so nobody can push it. Throws what the source throws, with the cause kept.
 */
export async function collectFlow(work: CollectWork): Promise<Collected> {
  const { flow, session, request, manifest, path } = work;
  const counter = new AssetCounter();
  const collect = flow.collect as Collect;
  const collection = session.collect(request);
  let events = 0;
  let cut = 0;
  try {
    for await (const noun of collection.rows) {
      if (request.signal.aborted)
        throw new McIngestError('MCI002', 'interrupted', `flow:${flow.name} was interrupted while collecting`);
      const line = noun.noun === 'raw' ? noun.text : eventLine(collect, reduced(noun, request.mode));
      const sent = collect === 'query_logs' ? cutQueryText(line) : line;
      if (sent !== line) cut += 1;
      await manifest.add(sent);
      counter.add(noun);
      events += 1;
      if (events % 500 === 0) work.onProgress({ events, columns: counter.stats().columns });
    }
    const end = collection.end();
    const written = await manifest.finish({
      complete: end.complete,
      ...(end.watermark === undefined ? {} : { watermark: end.watermark }),
    });
    work.onProgress({ events, columns: counter.stats().columns });
    return { manifest: path, events: written.events, bytes: written.bytes, end, stats: counter.stats(), cut };
  } catch (error) {
    await manifest.abort();
    throw error;
  }
}
