/** What the sandbox keeps. Times are ISO 8601 with `Z`; counts beyond 2^53 are decimal strings. */
export interface Key {
  readonly id: string;
  /** SHA-256 of the token, in hex: the token itself is never kept. */
  readonly hash: string;
  readonly scope: 'Ingestion' | 'API';
  /** Restricted to these resources; absent: all. */
  readonly warehouses?: readonly string[];
}

export type Count = number | string;

export interface Asset {
  readonly mcon: string;
  readonly resource: string;
  readonly resource_type: string;
  readonly full_table_id: string;
  readonly type: 'TABLE' | 'VIEW';
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly description?: string;
  readonly view_query?: string;
  readonly created_on?: string;
  readonly fields: readonly { readonly name: string; readonly type: string; readonly description?: string }[];
  readonly tags: readonly { readonly key: string; readonly value?: string }[];
  readonly volume: readonly { readonly at: string; readonly row_count?: Count; readonly byte_count?: Count }[];
  readonly freshness: readonly { readonly at: string; readonly last_update_time: string }[];
  readonly first_seen: string;
  readonly last_seen: string;
  readonly invocation_id: string;
  /** The last event, as it came in. */
  readonly event: unknown;
  /** When `deletePushIngestedTables` took it: GraphQL still knows it, as deleted. */
  readonly deleted_at?: string;
}

export interface GraphNode {
  readonly mcon: string;
  readonly object_type: string;
  readonly object_id: string;
  readonly resource: string;
  readonly name: string;
  readonly custom: boolean;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  /** Null: never. */
  readonly expire_at: string | null;
  /** Made by an edge that named it: lives as long as the longest of its edges. */
  readonly implied?: boolean;
}

export interface GraphEdge {
  readonly source: string;
  readonly destination: string;
  readonly custom: boolean;
  readonly edge_type?: string;
  readonly expire_at: string | null;
  /** When it came in first. */
  readonly since: string;
  readonly invocation_id?: string;
}

export interface ColumnEdge {
  readonly destination: string;
  readonly column: string;
  readonly source: string;
  readonly source_column: string;
  readonly since: string;
  readonly expire_at: string;
}

export interface Vanished {
  readonly what: 'node' | 'edge' | 'column';
  readonly label: string;
  readonly expired_at: string;
}

export interface Query {
  readonly at: string;
  readonly resource: string;
  readonly log_type: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly query_text: string;
  readonly user?: string;
  readonly query_id?: string;
  readonly error_text?: string;
  readonly invocation_id: string;
}

export type EndpointName = 'metadata' | 'lineage' | 'querylogs' | 'etl' | 'bi' | 'graphql';

/** One request that came in, as `/_sandbox/requests` shows it. Never holds a token. */
export interface RequestRecord {
  readonly at: string;
  readonly endpoint: EndpointName;
  readonly path: string;
  /** Null: the connection was cut on purpose. */
  readonly http_status: number | null;
  readonly invocation_id: string | null;
  readonly trace_id: string | null;
  readonly events: number;
  /** As sent, so compressed when it was. */
  readonly bytes: number;
  readonly resource: string | null;
  readonly operation?: string;
  readonly error?: string;
  /** The text of the body; left out when it is large. */
  readonly body?: string;
}

/** What was refused, at the door (an HTTP status of 4xx) or downstream, after the 202. */
export interface Rejected {
  readonly at: string;
  readonly endpoint: EndpointName;
  readonly invocation_id: string | null;
  readonly http_status: number;
  readonly reason: string;
  /** Which of the contract's five checkpoints this is. */
  readonly checkpoint: 1 | 2 | 3 | 4 | 5;
  readonly resource: string | null;
  readonly event?: unknown;
}

/** When an event of a kind came in first and last on a resource (`getWarehouse.pushEvents`). */
export interface PushEvents {
  readonly first: string;
  readonly last: string;
  readonly invocation_id: string;
}
