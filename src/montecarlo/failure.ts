import { McIngestError } from '../errors.ts';
import { grouped } from '../grouped.ts';
import { isRecord } from './answer.ts';
import type { Oversize, Range } from './batch.ts';
import type { PushFailure } from './push-types.ts';
import type { PushResult } from './types.ts';

/** Names an event for people: its table, its query id, its job or run, or nothing. */
export function eventName(line: Buffer): string {
  try {
    const event: unknown = JSON.parse(line.toString('utf8'));
    if (!isRecord(event)) return '';
    if (typeof event['query_id'] === 'string') return ` (query ${event['query_id']})`;
    const asset = isRecord(event['relational_asset']) ? event['relational_asset']['metadata'] : event['destination'];
    const of = [asset, event['etl_asset'], event].find(isRecord) ?? event;
    const name = of['name'] ?? of['run_source_id'] ?? of['job_source_id'];
    const parts = [of['database'], of['schema'], name].filter((part) => typeof part === 'string');
    return parts.length === 0 ? '' : ` (${parts.join('.')})`;
  } catch {
    return '';
  }
}

/** The failure of a body's events, as people read it: which events, why, and the trace id for the vendor. */
export function failureOf(
  { from, to }: Range,
  result: Exclude<PushResult, { status: 'accepted' }>,
  name = '',
): PushFailure {
  const place = to - from === 1 ? `event ${from + 1}${name}` : `events ${from + 1} to ${to}`;
  return {
    from,
    to,
    code: result.code,
    message: `${place}: ${result.message} (trace ${result.traceId})`,
    http_status: result.httpStatus,
    trace_id: result.traceId,
  };
}

/** An event that is over the limit by itself. */
export function tooLarge({ at, bytes, line }: Oversize, limit: number): PushFailure {
  const message = `event ${at + 1}${eventName(line)} takes ${grouped(bytes)} bytes by itself; a body holds ${grouped(limit)}`;
  return { from: at, to: at + 1, code: 'MCI415', message, http_status: null, trace_id: null };
}

/** The lines broke off at an event: the file changed, or is not what its last line says. Other errors pass through. */
export function unreadable(at: number, error: unknown): PushFailure {
  if (!(error instanceof McIngestError)) throw error;
  const fix = error.fix === undefined ? '' : `; ${error.fix}`;
  const message = `${error.message}${fix}`;
  return { from: at, to: at, code: error.code, message, http_status: null, trace_id: null };
}
