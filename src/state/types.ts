import type { AppliedItem, ItemKey } from '../plan/types.ts';

/** The state as stored. `serial` rises by one a save; `digest` covers everything else. No secret, no row data. */
export interface State {
  readonly format: 'mc-ingest.state/1';
  readonly project: string;
  readonly lineage: string;
  readonly serial: number;
  readonly saved_at: string;
  readonly run: string | null;
  readonly items: Readonly<Record<string, AppliedItem>>;
  /** What was learned of the gateway: events a body, by `RESOURCE/ENDPOINT`. */
  readonly learned: Readonly<Record<string, number>>;
  /** Runs whose journals are folded in. */
  readonly folded: readonly string[];
}

/** A receipt as the journal and the run document hold it. */
export interface ReceiptRecord {
  readonly endpoint: string;
  readonly invocation_id: string | null;
  readonly mcon?: string;
  readonly trace_id: string;
  readonly http_status: number;
  readonly events: number;
  readonly bytes: number;
  readonly at: string;
}

/** A line of a run's journal. An intent is durable before the first byte is sent, its ack before the next step. */
export type JournalRecord =
  | {
      readonly type: 'open';
      readonly run: string;
      readonly command: string;
      readonly fingerprint?: string;
      readonly at: string;
    }
  | {
      readonly type: 'intent';
      readonly op: string;
      readonly key: ItemKey | string;
      readonly action: string;
      readonly what: Readonly<Record<string, unknown>>;
      readonly at: string;
    }
  | {
      readonly type: 'ack';
      readonly op: string;
      readonly key: ItemKey | string;
      readonly outcome: 'accepted' | 'refused' | 'not_sent' | 'in_doubt';
      readonly receipt?: ReceiptRecord;
      readonly error?: { readonly code: string; readonly message: string };
      readonly at: string;
    }
  /** The item's new place in the state; null: it is gone. Written once the work on the item is done. */
  | {
      readonly type: 'item';
      readonly key: ItemKey;
      readonly item: AppliedItem | null;
      readonly learned?: Readonly<Record<string, number>>;
      readonly at: string;
    }
  /** What a push of no flow of the state learned of the gateway. */
  | { readonly type: 'learned'; readonly learned: Readonly<Record<string, number>>; readonly at: string }
  | { readonly type: 'close'; readonly outcome: string; readonly at: string };

export interface RunChange {
  readonly key: string;
  readonly action: string;
  readonly status: 'done' | 'failed' | 'unknown' | 'skipped' | 'waiting';
  readonly because?: string;
  readonly until?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly collected?: {
    readonly events: number;
    readonly complete: boolean;
    /** Query texts over the limit, which were cut. */
    readonly cut?: number;
    readonly from?: string;
    readonly to?: string;
  };
  readonly receipts: readonly ReceiptRecord[];
}

/** `mc-ingest.run/1` (interfaces.md): what `apply`, `collect` and `push` print, and what the history keeps for ever. */
export interface RunRecord {
  readonly format: 'mc-ingest.run/1';
  readonly run: string;
  readonly command: string;
  readonly plan_fingerprint?: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly outcome: 'done' | 'partial' | 'failed' | 'in_doubt' | 'interrupted' | 'refused';
  readonly exit_code: number;
  readonly changes: readonly RunChange[];
}

/** Who holds the lock; shown with exit 8. */
export interface LockHolder {
  readonly run: string;
  readonly command: string;
  readonly host: string;
  readonly boot_id: string;
  readonly pid: number;
  readonly pid_start: string;
  readonly user: string;
  readonly ci_url?: string;
  readonly token: number;
  readonly acquired: string;
  readonly renewed: string;
  readonly lease_s: number;
}

/**
 * Where state lives. Small on purpose: S3 and PostgreSQL come to stand behind the same five verbs.
 * Names are `state`, `lock`, `runs/RUN`; versions are opaque.
 */
export interface StateBackend {
  /** For messages: `file .mc-ingest/state.json`. */
  readonly place: string;
  /** A folder on this machine where a recovery file can be left when the state cannot be saved. */
  readonly recoveryDir?: string;
  get(name: string): Promise<{ readonly text: string; readonly version: string } | null>;
  /** Compare-and-swap: `ifVersion` null means it must not exist. Throws VersionConflict when somebody else was first. */
  put(name: string, text: string, ifVersion: string | null): Promise<string>;
  list(prefix: string): Promise<readonly string[]>;
  /** Durable when it resolves. `text` is whole lines. */
  append(name: string, text: string): Promise<void>;
  /** Nothing more will be appended for now: whatever is held open for it is let go. */
  release?(name: string): Promise<void>;
  /** The storage's own time, milliseconds. */
  now(): Promise<number>;
}
