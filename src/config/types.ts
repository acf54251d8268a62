import type { Origin, Problem } from '../errors.ts';
import type { Option } from '../secret.ts';

export interface ResourceConfig {
  readonly name: string;
  readonly uuid: string;
  readonly resource_type: string;
}

/** A connection. `options` are the source type's own settings (host, include, …), checked against its schema. */
export interface SourceConfig {
  readonly name: string;
  readonly type: string;
  readonly resource: ResourceConfig | null;
  readonly options: Readonly<Record<string, Option>>;
  readonly origin: Origin;
}

export interface FlowConfig {
  readonly name: string;
  readonly source: SourceConfig;
  readonly resource: ResourceConfig;
  /** A noun of `model.ts`, checked against what the source type can collect. */
  readonly collect: string;
  /** Milliseconds. */
  readonly every: number;
  readonly full_every?: number;
  readonly lag?: number;
  /** Only for query logs: a value of the `log_type` table, or what `log_types:` maps the source's type to. */
  readonly log_type?: string;
  readonly batch: { readonly events?: number; readonly bytes?: number };
  readonly compression: 'none' | 'gzip';
  readonly tags: readonly string[];
  readonly protect: boolean;
  /** Settings of the flow that belong to the source type (a `sql` flow's query, …). */
  readonly options: Readonly<Record<string, Option>>;
  readonly origin: Origin;
}

interface Declared {
  readonly tags: readonly string[];
  readonly protect: boolean;
  readonly origin: Origin;
}
/** One end of an edge: what identifies a node remotely. `node` names a declared node. */
export interface EndConfig {
  readonly node?: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
}
/** `expireAt` is a whole date-time with offset (never: 9999-12-31T00:00:00+00:00) or a duration such as `30d`. */
export interface NodeConfig extends Declared {
  /** The key in the file. */
  readonly key: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
  readonly name?: string;
  /** With the ownership mark `mc_ingest` unless `lineage.mark: false`; sorted by name. */
  readonly properties: Readonly<Record<string, string>>;
  readonly expireAt: string;
}
export interface EdgeConfig extends Declared {
  /** `FROM->TO`, as in the item key behind `edge:`. */
  readonly key: string;
  readonly from: EndConfig;
  readonly to: EndConfig;
  readonly edgeType: 'IS_DOWNSTREAM' | 'IS_READ_BY' | 'MODIFIES';
  readonly expireAt: string;
}

/** The file, checked and resolved. Every item knows where it was written. */
export interface Config {
  readonly file: string;
  /** Absolute folder of the file; relative paths in it start here. */
  readonly dir: string;
  /** sha256 over the canonical content of all files. */
  readonly digest: string;
  readonly project: string;
  /** `path` is absolute: in the file it is relative to the file, wherever the command runs. */
  readonly state: { readonly backend: 'file'; readonly path: string };
  readonly resources: readonly ResourceConfig[];
  readonly sources: readonly SourceConfig[];
  readonly flows: readonly FlowConfig[];
  readonly nodes: readonly NodeConfig[];
  readonly edges: readonly EdgeConfig[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  readonly removed: readonly string[];
  readonly warnings: readonly Problem[];
}

/** What the configuration must know of a source type; the registry supplies it, so that `config` imports no source. */
export interface SourceType {
  readonly type: string;
  readonly title: string;
  /** JSON Schema of the source's own properties (secret ones carry `"x-secret": true`). */
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** JSON Schema of properties that a flow on this source may carry. */
  readonly flowProperties: Readonly<Record<string, object>>;
  /** Those that every flow on it needs. */
  readonly flowRequired?: readonly string[];
  /** Its connection can be used by a source that refers to it. */
  readonly connects?: boolean;
  /** The property that names another source, whose connection this one uses. It resolves to `{name, type, options}`. */
  readonly refers?: string;
  /** What can be collected, and why not what cannot: the note stands in the error. */
  readonly collects: Readonly<Record<string, true | { readonly not: string }>>;
  /** The documented `log_type`, where the source has one. */
  readonly log_type?: string;
  /** The block that `init` writes under `sources:`, and a flow or two. */
  readonly starter: string;
}
