import { McIngestError, ProblemsError } from '../errors.ts';
import type { PushFailure, PushSummary } from '../montecarlo/push-types.ts';
import type { Receipt } from '../montecarlo/types.ts';
import type { Change } from '../plan/types.ts';
import type { RunChange } from '../state/types.ts';
import type { Collected } from './collect.ts';
import { INTERRUPTED } from './outcome.ts';

/** Everything that was not accepted and why: in doubt, refused, not readable, not sent. */
export function failuresOf(summary: PushSummary): readonly PushFailure[] {
  const single = [summary.unreadable, summary.unavailable].filter((failure) => failure !== null);
  return [...summary.in_doubt, ...summary.refused, ...single];
}

function errorOf(
  { code, message }: PushFailure,
  summary: PushSummary,
): { readonly code: string; readonly message: string } {
  const more = failuresOf(summary).length - 1;
  return { code, message: more === 0 ? message : `${message}; and ${more} more` };
}

/** What became of a push, as a row of the run. */
export function pushRow(
  change: Pick<Change, 'key' | 'action'>,
  facts: { readonly summary: PushSummary; readonly collected: Collected | null },
): RunChange {
  const { summary, collected } = facts;
  const end = collected?.end;
  const common = {
    key: change.key,
    action: change.action,
    receipts: summary.receipts as readonly Receipt[],
    ...(collected === null || end === undefined
      ? {}
      : {
          collected: {
            events: collected.events,
            complete: end.complete,
            ...(collected.cut === 0 ? {} : { cut: collected.cut }),
            ...(end.watermark?.from === undefined ? {} : { from: end.watermark.from }),
            ...(end.watermark === undefined ? {} : { to: end.watermark.to }),
          },
          ...(end.missing.length === 0 ? {} : { because: `incomplete: ${end.missing.join('; ')}` }),
        }),
  };
  const doubt = summary.in_doubt[0];
  if (doubt !== undefined) return { ...common, status: 'unknown', error: errorOf(doubt, summary) };
  const refused = summary.refused[0] ?? summary.unreadable ?? summary.unavailable;
  if (refused != null && refused.code !== INTERRUPTED)
    return { ...common, status: 'failed', error: errorOf(refused, summary) };
  if (summary.stopped || refused != null) return { ...common, status: 'skipped', because: 'interrupted' };
  return { ...common, status: 'done' };
}

/** What an error says on one line; of many problems the first, with its place. */
function saidBy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ProblemsError)) return message;
  const [first, ...rest] = error.problems.filter(({ severity }) => severity === 'error');
  if (first === undefined) return message;
  const more = rest.length === 0 ? '' : `; and ${rest.length} more`;
  return `${first.file}:${first.line}:${first.column}  ${first.message}${more}`;
}

/** A row for whatever a change threw. */
export function failedRow(change: Pick<Change, 'key' | 'action'>, error: unknown): RunChange {
  const known = error instanceof McIngestError;
  const fix = known && error.fix !== undefined ? `; ${error.fix}` : '';
  const base = { key: change.key, action: change.action, receipts: [] };
  if (known && error.exit === 'interrupted') return { ...base, status: 'skipped', because: 'interrupted' };
  return {
    ...base,
    status: 'failed',
    error: {
      code: known ? error.code : 'MCI001',
      message: `${saidBy(error)}${fix}`,
    },
  };
}
