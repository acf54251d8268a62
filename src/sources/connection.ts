import type { OpenOptions } from './source.ts';

/** One row of a result. Times are ISO 8601 in UTC with `Z`, whole numbers beyond 2^53 are bigints, null is null. */
export type Row = Readonly<Record<string, unknown>>;

/** A query in pieces: text, and the places where a bound value goes. Each connector writes its own placeholders. */
export type Statement = readonly (string | { readonly bind: string })[];

/** What a query gives: the names of its columns, then its rows, some at a time. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** A read-only connection on which a person's own query runs. Rows stream; nothing is held. */
export interface Connection {
  /** Values are ISO times. Throws McIngestError with what the server said. */
  query(statement: Statement, values: Readonly<Record<string, string>>): Promise<Result>;
  close(): Promise<void>;
}

/** A kind of source whose connection the `sql` source can use. */
export interface Connector {
  readonly type: string;
  connect(options: OpenOptions): Promise<Connection>;
}

/** How each connector is loaded, when it is used and never before; the registry supplies it. */
export type Connectors = Readonly<Record<string, () => Promise<Connector>>>;
