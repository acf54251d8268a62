import type { Code } from '../errors.ts';

export type Endpoint = 'metadata' | 'lineage' | 'querylogs' | 'etl' | 'bi' | 'graphql';

/** A key for one of the two endpoints. */
export interface Key {
  readonly id: string;
  readonly token: string;
}

/** Where requests go and with what: from the environment only, never from the file. */
export interface Connection {
  readonly endpoint: string;
  readonly graphqlEndpoint: string;
  readonly ingestKey: Key | null;
  readonly graphqlKey: Key | null;
  readonly session: string;
}

/** What became of one request. `attempts` counts the tries, `traceId` is that of the last one. */
export type PushResult =
  | {
      readonly status: 'accepted';
      readonly invocationId: string | null;
      readonly httpStatus: number;
      readonly traceId: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly data?: unknown;
    }
  | {
      readonly status: 'refused';
      readonly httpStatus: number | null;
      readonly traceId: string;
      readonly attempts: number;
      readonly code: Code;
      readonly message: string;
      readonly tooLarge?: boolean;
      readonly keyRefused?: boolean;
    }
  | {
      readonly status: 'unavailable';
      readonly httpStatus: number | null;
      readonly traceId: string;
      readonly attempts: number;
      readonly code: Code;
      readonly message: string;
    }
  | {
      readonly status: 'in_doubt';
      readonly httpStatus: number | null;
      readonly traceId: string;
      readonly attempts: number;
      readonly code: Code;
      readonly message: string;
    };

/** The proof of one push, as the run document and the state history hold it (interfaces.md, `mc-ingest.run/1`). */
export interface Receipt {
  readonly endpoint: Endpoint;
  readonly invocation_id: string | null;
  readonly mcon?: string;
  readonly trace_id: string;
  readonly http_status: number;
  readonly events: number;
  readonly bytes: number;
  readonly at: string;
}

/** A body about to be sent. `from`/`to` are positions of its events in the manifest (to is exclusive). */
export interface BatchIntent {
  readonly op: string;
  readonly endpoint: Endpoint;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where batches are recorded: an intent is durable before the first byte is sent, a result before the next step. */
export interface BatchLedger {
  intend(batch: BatchIntent): Promise<void>;
  settle(batch: BatchIntent, result: PushResult): Promise<void>;
}
