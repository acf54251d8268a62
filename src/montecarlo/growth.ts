import type { Endpoint } from './types.ts';

/** How many events a body may hold, as the gateway's answers show. */
export interface Growth {
  /** Events the next body may hold at most. */
  limit(): number;
  /** An answer came after so many milliseconds. */
  answered(events: number, elapsedMs: number): void;
  /** The body was too much: a time-out, or a 413. */
  tooMuch(events: number): void;
}

const START: Readonly<Partial<Record<Endpoint, number>>> = { metadata: 100, lineage: 100, querylogs: 250 };
/** The vendor takes 1 to 100 of these a call. */
const HARD: Readonly<Partial<Record<Endpoint, number>>> = { etl: 100, bi: 100 };
const MOST = 1_000_000;
const QUICK_MS = 2_000;
const SLOW_MS = 20_000;

interface GrowthOptions {
  readonly endpoint: Endpoint;
  /** Events a body, from an earlier run. */
  readonly learned?: number | undefined;
  /** Events a body at most, as the flow says. */
  readonly most?: number | undefined;
}

/** Doubles while answers take under 2 s; halves on a time-out, a 413 or an answer over 20 s, and then stays below that. */
export function growth({ endpoint, learned, most }: GrowthOptions): Growth {
  let ceiling = Math.max(1, Math.min(HARD[endpoint] ?? MOST, most ?? MOST));
  let limit = Math.max(1, Math.min(learned ?? START[endpoint] ?? 100, ceiling));
  const halve = (events: number): void => {
    ceiling = Math.max(1, Math.min(ceiling, Math.floor(events / 2)));
    limit = Math.min(limit, ceiling);
  };
  return {
    limit: () => limit,
    answered(events, elapsedMs) {
      if (elapsedMs > SLOW_MS) halve(events);
      // A body far below the limit (the last one, or one full in bytes) shows nothing about larger ones. One of a quarter
      // shows that twice the limit, eight times the body, is answered within 16 s.
      else if (elapsedMs < QUICK_MS && events * 4 >= limit) limit = Math.min(limit * 2, ceiling);
    },
    tooMuch: halve,
  };
}
