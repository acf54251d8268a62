import { McIngestError } from '../errors.ts';
import type { PushRecord } from '../plan/types.ts';
import type { AssetStats } from './collect.ts';

const SHARE = 0.3;
const AT_LEAST = 10;

/** Refuses a push whose counts look like a broken read. Throws MCI350 or MCI351 (exit 7) with the numbers. */
export function guardCounts(stats: AssetStats, before: PushRecord | null, allow: ReadonlySet<string>): void {
  const known = before?.counted;
  if (known !== undefined && known.tables >= AT_LEAST && !allow.has('row-collapse')) {
    const fell = stats.zero - known.zero;
    if (fell > SHARE * known.tables)
      throw new McIngestError(
        'MCI350',
        'guarded',
        `row counts fell to zero in ${fell} of ${known.tables} tables since the last push`,
        { fix: 'look at the warehouse first; if it is true: --allow row-collapse' },
      );
  }
  const last = before?.newest_update;
  if (
    last !== undefined &&
    stats.newest_update !== null &&
    Date.parse(stats.newest_update) < Date.parse(last) &&
    !allow.has('freshness-backwards')
  )
    throw new McIngestError(
      'MCI351',
      'guarded',
      `the newest last_update_time went backwards: ${stats.newest_update} after ${last}`,
      { fix: 'look for a restored or wrong database; if it is right: --allow freshness-backwards' },
    );
}
