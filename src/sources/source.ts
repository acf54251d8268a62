import type { Collect, Noun } from '../model.ts';
import type { Option } from '../secret.ts';

/** What a flow asks of a source. Windows are ISO times; `from` is absent on the first run. */
export interface CollectRequest {
  readonly collect: Collect;
  readonly mode: 'full' | 'volume_freshness';
  readonly from?: string;
  readonly to?: string;
  /** The flow's own settings for this source type. */
  readonly options: Readonly<Record<string, Option>>;
  readonly signal: AbortSignal;
}

/** What a collect says at its end. Only a complete one may move a watermark. */
export interface CollectEnd {
  readonly complete: boolean;
  /** Why not, one sentence a reason: `schema hr: no USAGE for role mc`. */
  readonly missing: readonly string[];
  readonly watermark?: { readonly from?: string; readonly to: string };
}

/** An open connection. `collect` streams: memory does not grow with rows. `end` may be read once the stream is done. */
export interface Session {
  collect(request: CollectRequest): Collection;
  close(): Promise<void>;
}

export interface Collection {
  readonly rows: AsyncIterable<Noun>;
  /** Valid after `rows` has been read to its end. */
  end(): CollectEnd;
}

/** What a source may use of the world. `dir` is the folder of the file. */
export interface SourceWorld {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** A line for people (a program's stderr, a notice). */
  readonly note: (line: string) => void;
}

export interface OpenOptions {
  readonly name: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly world: SourceWorld;
  readonly signal: AbortSignal;
}

/** A kind of source. `open` loads the driver; nothing before does. */
export interface Source {
  readonly type: string;
  open(options: OpenOptions): Promise<Session>;
}
