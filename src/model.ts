/**
 * The nouns a source can tell us, in neutral form. A source yields them, `montecarlo/wire` turns each into the one line
 * that is sent. Absent members mean "not known"; zero is data.
 */

/** What a flow collects. The last three are pushed from manifests only. */
export const COLLECTS = ['metadata', 'table_lineage', 'column_lineage', 'query_logs', 'etl', 'etl_runs', 'bi'] as const;
export type Collect = (typeof COLLECTS)[number];

/** A whole number of any size: beyond 2^53 it comes as a bigint, or as a decimal string from a driver. */
export type Count = number | bigint | string;

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly description?: string | undefined;
}

/** A table or view. `type` is what Monte Carlo takes: exactly TABLE or VIEW. Times are ISO 8601 with `Z`. */
export interface Asset {
  readonly noun: 'asset';
  readonly type: 'TABLE' | 'VIEW';
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly view_query?: string | undefined;
  readonly created_on?: string | undefined;
  readonly fields?: readonly Column[] | undefined;
  readonly row_count?: Count | undefined;
  readonly byte_count?: Count | undefined;
  readonly last_update_time?: string | undefined;
  readonly tags?: readonly { readonly key: string; readonly value?: string | undefined }[] | undefined;
}

export interface AssetRef {
  readonly type: 'TABLE' | 'VIEW' | 'EXTERNAL' | 'WILDCARD_TABLE';
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}

/** One destination with all its sources. Column mappings come with the SQL lineage. */
export interface Lineage {
  readonly noun: 'lineage';
  readonly destination: AssetRef;
  readonly sources: readonly AssetRef[];
}

export interface QueryLog {
  readonly noun: 'query_log';
  readonly start_time: string;
  readonly end_time: string;
  readonly query_text: string;
  readonly query_id?: string | undefined;
  readonly user?: string | undefined;
  readonly error_code?: string | number | undefined;
  readonly error_text?: string | undefined;
  readonly returned_rows?: Count | undefined;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** An event another program wrote, already in the form that is sent; `text` has no line break. */
export interface RawEvent {
  readonly noun: 'raw';
  readonly text: string;
}

export type Noun = Asset | Lineage | QueryLog | RawEvent;

/** The first line of a manifest, without its `manifest` member: what a body needs beside its events. */
export interface ManifestHead {
  readonly flow: string;
  readonly collect: Collect;
  readonly resource?: { readonly uuid?: string; readonly resource_type?: string; readonly log_type?: string };
  readonly event_type?: 'LINEAGE' | 'COLUMN_LINEAGE';
  readonly event_time?: string;
  readonly started_at: string;
}
