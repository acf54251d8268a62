import { type BatchOptions, batches } from './batch.ts';
import { envelope } from './body.ts';
import { deliver, ended, type Tally, type Work } from './deliver.ts';
import { tooLarge, unreadable } from './failure.ts';
import { growth } from './growth.ts';
import type { PushDeps, PushJob, PushSummary } from './push-types.ts';

const BODY_BYTES = 1_000_000;
const CONCURRENCY = 4;
const GRACE_MS = 4_000;

/** Sends the bodies, so many at once. Reads no further ahead than one body. Resolves once nothing is on its way. */
async function pump(work: Work, tally: Tally): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const errors: unknown[] = [];
  let at = 0;
  try {
    for await (const item of batches(work.job.lines, work.options)) {
      while (inFlight.size >= (work.deps.concurrency ?? CONCURRENCY)) await Promise.race(inFlight);
      if (errors.length > 0 || ended(work, tally)) {
        tally.whole = false;
        break;
      }
      at = 'oversize' in item ? item.at + 1 : item.to;
      if ('oversize' in item) {
        tally.refused.push(tooLarge(item, work.options.bytes));
        continue;
      }
      const task: Promise<void> = deliver(item, work, tally)
        .catch((error: unknown) => {
          errors.push(error);
        })
        .finally(() => inFlight.delete(task));
      inFlight.add(task);
    }
  } catch (error) {
    tally.unreadable = unreadable(at, error);
    tally.whole = false;
  } finally {
    await Promise.all(inFlight);
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Sends a manifest's events: in bodies that never pass the limits, several at once, each journalled before and after.
 * Failures of the gateway and lines that cannot be read are in the summary; it throws what the ledger throws, after what
 * was on its way has ended.
 */
export async function pushLines(job: PushJob, deps: PushDeps): Promise<PushSummary> {
  const around = envelope(job.head);
  const { endpoint } = around.route;
  const size = growth({ endpoint, learned: job.learned, most: job.batch?.events });
  const options: BatchOptions = {
    around,
    compression: job.compression ?? 'none',
    bytes: Math.min(BODY_BYTES, job.batch?.bytes ?? BODY_BYTES),
    events: size.limit,
    skip: job.skip ?? [],
  };
  const kill = new AbortController();
  const done = new AbortController();
  const onAbort = (): void => {
    void deps.clock.sleep(GRACE_MS, done.signal).then(() => kill.abort());
  };
  deps.signal.addEventListener('abort', onAbort, { once: true });
  const tally: Tally = {
    receipts: [],
    refused: [],
    in_doubt: [],
    unreadable: null,
    unavailable: null,
    keyRefused: false,
    whole: !deps.signal.aborted,
    doubtsInARow: 0,
    events: 0,
    bytes: 0,
  };
  try {
    if (!deps.signal.aborted) await pump({ deps, job, around, options, size, kill: kill.signal }, tally);
  } finally {
    done.abort();
    deps.signal.removeEventListener('abort', onAbort);
  }
  const { receipts, refused, in_doubt, unavailable, keyRefused, events, bytes } = tally;
  return {
    receipts,
    events,
    bytes,
    requests: receipts.length,
    refused,
    in_doubt,
    unreadable: tally.unreadable,
    unavailable,
    learned: { [`${job.head.resource?.uuid ?? 'many'}/${endpoint}`]: size.limit() },
    stopped: !tally.whole,
    key_refused: keyRefused,
  };
}
