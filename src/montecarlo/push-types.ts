import type { Code } from '../errors.ts';
import type { Range } from './batch.ts';
import type { Transport } from './http-transport.ts';
import type { Clock } from './send.ts';
import type { BatchLedger, Connection, ManifestHead, Receipt } from './types.ts';

/** What is sent: a manifest's head and event lines, as they stand in the file (without line breaks). */
export interface PushJob {
  readonly head: ManifestHead;
  readonly lines: AsyncIterable<readonly Buffer[]>;
  /** Positions already accepted (`to` is exclusive): they are not sent again. */
  readonly skip?: readonly Range[];
  /** Lowers the limits of a body. */
  readonly batch?: { readonly events?: number | undefined; readonly bytes?: number | undefined } | undefined;
  readonly compression?: 'none' | 'gzip' | undefined;
  /** Events a body, from an earlier run of the same resource and endpoint. */
  readonly learned?: number;
}

export interface PushProgress {
  readonly requests: number;
  readonly bytes: number;
  readonly events: number;
}

export interface PushDeps {
  readonly connection: Connection;
  readonly transport: Transport;
  readonly ledger: BatchLedger;
  /** Bodies on their way at once. */
  readonly concurrency?: number;
  /** Aborted: nothing new is sent, what is on its way gets 4 s. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly uuid: () => string;
  readonly onReceipt: (receipt: Receipt) => void;
  readonly onProgress: (progress: PushProgress) => void;
}

/** Events that were not accepted, `from` to `to` (exclusive), and why. */
export interface PushFailure extends Range {
  readonly code: Code;
  readonly message: string;
  readonly http_status: number | null;
  readonly trace_id: string | null;
}

/** What became of a push. `events`, `bytes` and `requests` count what was accepted. */
export interface PushSummary extends PushProgress {
  readonly receipts: readonly Receipt[];
  readonly refused: readonly PushFailure[];
  /** The lines could not be read to their end: what had been cut into bodies by then was sent. */
  readonly unreadable: PushFailure | null;
  /** Why sending ended early: throttled or not reachable. What was not sent is still to be sent. */
  readonly unavailable: PushFailure | null;
  readonly in_doubt: readonly PushFailure[];
  /** Events a body, by `RESOURCE/ENDPOINT`. */
  readonly learned: Readonly<Record<string, number>>;
  readonly stopped: boolean;
  /** A key was refused: no further request was made. */
  readonly key_refused: boolean;
}
