import { createHash } from 'node:crypto';
import type { BatchIntent, BatchLedger, Endpoint, PushResult, Receipt } from '../montecarlo/types.ts';
import type { AppliedItem, ItemKey } from '../plan/types.ts';
import type { JournalRecord } from '../state/types.ts';

/** Where a run writes what it is about to do and what became of it. Durable when it resolves. */
export interface Journal {
  append(record: JournalRecord): Promise<void>;
}

interface Step {
  readonly key: ItemKey | string;
  readonly action: string;
  /** Where the item will stand if this step is accepted; recovery puts it in doubt. */
  readonly item?: AppliedItem;
  readonly what: Readonly<Record<string, unknown>>;
}

/** What is journalled of an answer: enough to know later whether it must be sent again. */
function settled(result: PushResult): 'accepted' | 'refused' | 'not_sent' | 'in_doubt' {
  if (result.status === 'unavailable') return 'not_sent';
  return result.status;
}

/** The proof of one accepted request. */
export function receiptOf(
  result: Extract<PushResult, { status: 'accepted' }>,
  facts: {
    readonly endpoint: Endpoint;
    readonly events: number;
    readonly bytes: number;
    readonly at: string;
    readonly mcon?: string;
  },
): Receipt {
  return {
    endpoint: facts.endpoint,
    invocation_id: result.invocationId,
    ...(facts.mcon === undefined ? {} : { mcon: facts.mcon }),
    trace_id: result.traceId,
    http_status: result.httpStatus,
    events: facts.events,
    bytes: facts.bytes,
    at: facts.at,
  };
}

/** One run's recorder: an intent before each call, its answer after it, the item's new place once its work is done. */
export interface Recorder {
  /** Journals the intent, makes the call, journals the answer. */
  step(
    step: Step,
    call: () => Promise<PushResult>,
    receipt: (result: Extract<PushResult, { status: 'accepted' }>) => Receipt,
  ): Promise<{ readonly result: PushResult; readonly receipt: Receipt | null }>;
  item(key: ItemKey, item: AppliedItem | null, learned?: Readonly<Record<string, number>>): Promise<void>;
  /** What was learned of the gateway where no item of the state is concerned: events a body, by `RESOURCE/ENDPOINT`. */
  learned(learned: Readonly<Record<string, number>>): Promise<void>;
  /** The ledger of one flow's batches. */
  batches(key: ItemKey | string, item: AppliedItem | undefined): BatchLedger;
}

interface Settled {
  readonly result: PushResult;
  readonly receipt: Receipt | null;
}

export interface RecorderOptions {
  readonly journal: Journal;
  readonly run: string;
  readonly now: () => number;
  readonly onReceipt: (key: string, receipt: Receipt) => void;
}

export function recorder({ journal, run, now, onReceipt }: RecorderOptions): Recorder {
  let steps = 0;
  const at = (): string => new Date(now()).toISOString();
  const error = (result: PushResult): { error?: { code: string; message: string } } =>
    result.status === 'accepted' ? {} : { error: { code: result.code, message: result.message } };

  // A receipt that was printed is on record, so the record comes first. Should the disk fail just then, the line is
  // printed all the same: the id is in the log of the job, if nowhere else.
  const acknowledge = async (op: string, key: string, { result, receipt }: Settled): Promise<void> => {
    try {
      await journal.append({
        type: 'ack',
        op,
        key,
        outcome: settled(result),
        ...(receipt === null ? {} : { receipt }),
        ...error(result),
        at: at(),
      });
    } finally {
      if (receipt !== null) onReceipt(key, receipt);
    }
  };

  return {
    async step({ key, action, item, what }, call, receiptFor) {
      const op = `${run}/${++steps}`;
      await journal.append({
        type: 'intent',
        op,
        key,
        action,
        what: { ...what, ...(item === undefined ? {} : { item }) },
        at: at(),
      });
      const result = await call();
      const receipt = result.status === 'accepted' ? receiptFor(result) : null;
      await acknowledge(op, key, { result, receipt });
      return { result, receipt };
    },
    async item(key, item, learned) {
      await journal.append({ type: 'item', key, item, ...(learned === undefined ? {} : { learned }), at: at() });
    },
    async learned(learned) {
      await journal.append({ type: 'learned', learned, at: at() });
    },
    batches(key, item) {
      return {
        async intend(batch: BatchIntent) {
          await journal.append({
            type: 'intent',
            op: batch.op,
            key,
            action: 'push',
            what: { ...batch, ...(item === undefined ? {} : { item }) },
            at: at(),
          });
        },
        async settle(batch: BatchIntent, result: PushResult) {
          const receipt =
            result.status === 'accepted'
              ? receiptOf(result, {
                  endpoint: batch.endpoint,
                  events: batch.to - batch.from,
                  bytes: batch.bytes,
                  at: at(),
                })
              : null;
          await acknowledge(batch.op, key, { result, receipt });
        },
      };
    },
  };
}

/** A short, sortable name for a run: time in base 36 and a digest of the facts that make it unique. */
export function runName(now: number, unique: string): string {
  return `${now.toString(36).padStart(9, '0')}-${createHash('sha256').update(unique).digest('hex').slice(0, 8)}`;
}
