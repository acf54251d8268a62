import { isObject } from './shapes.ts';
import type { EndpointName } from './types.ts';

/** Something to go wrong on purpose, `times` times. */
export interface Fault {
  readonly on: EndpointName | 'any';
  times: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `before`: cut before anything is kept; `after`: kept, then cut, so that the sender cannot know. */
  readonly drop?: 'before' | 'after';
  readonly delay_ms?: number;
  readonly body?: unknown;
}

const ON: readonly unknown[] = ['metadata', 'lineage', 'querylogs', 'etl', 'bi', 'graphql', 'any'];

function isHeader([name, value]: [string, unknown]): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** Longer than any client waits, shorter than what a timer takes. */
const LONGEST_DELAY = 3_600_000;

function wrong(fault: unknown): string | null {
  if (!isObject(fault)) return 'a fault is an object';
  if (!ON.includes(fault['on'])) return `on is one of ${ON.join(', ')}`;
  const { times = 1, status, drop, delay_ms } = fault;
  if (!Number.isInteger(times) || Number(times) < 1) return 'times is a whole number from 1';
  if (status !== undefined && (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599))
    return 'status is an HTTP status from 200 to 599';
  if (drop !== undefined && drop !== 'before' && drop !== 'after') return 'drop is before or after';
  const { headers } = fault;
  if (headers !== undefined && !(isObject(headers) && Object.entries(headers).every(isHeader)))
    return 'headers are names and texts, as HTTP allows them';
  if (delay_ms !== undefined && !(typeof delay_ms === 'number' && delay_ms >= 0 && delay_ms <= LONGEST_DELAY))
    return 'delay_ms is milliseconds, at most an hour';
  return null;
}

/** Reads what `POST /_sandbox/faults` got: a list that replaces the one before, or why it is none. */
export function readFaults(body: unknown): readonly Fault[] | string {
  if (!Array.isArray(body)) return 'a list of faults is needed';
  const problem = body.map(wrong).find((found) => found !== null);
  return problem ?? body.map((fault: Fault) => ({ ...fault, times: fault.times ?? 1 }));
}

/** The faults that are still to happen, in order. */
export class Faults {
  #waiting: readonly Fault[] = [];

  replace(faults: readonly Fault[]): void {
    this.#waiting = faults.map((fault) => ({ ...fault }));
  }

  /** The next fault for an endpoint, used up by asking. */
  next(endpoint: EndpointName): Fault | null {
    const fault = this.#waiting.find(({ on, times }) => times > 0 && (on === 'any' || on === endpoint));
    if (fault === undefined) return null;
    fault.times -= 1;
    return fault;
  }
}
