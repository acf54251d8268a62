import { ExactNumber, printExact } from './exact.ts';
import { epoch } from './shapes.ts';
import type { Asset, Count } from './types.ts';
import type { World } from './world.ts';

export interface MetricsArgs {
  readonly metricName: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly first?: number;
  readonly metricsFilter: { readonly mcon?: string; readonly fullTableId?: string; readonly dwId?: string };
}

interface Point {
  readonly at: string;
  readonly value: Count | undefined;
}

/** The points of a metric; unknown names have none. */
function pointsOf(asset: Asset, metricName: string): readonly Point[] {
  switch (metricName) {
    case 'total_row_count':
      return asset.volume.map(({ at, row_count }) => ({ at, value: row_count }));
    case 'total_byte_count':
      return asset.volume.map(({ at, byte_count }) => ({ at, value: byte_count }));
    case 'total_row_count_last_changed_on':
      return asset.freshness.map(({ at, last_update_time }) => ({ at, value: epoch(last_update_time) / 1_000 }));
    default:
      return [];
  }
}

/** `getMetricsV4`: the volume and freshness of a table over time; every digit is kept in `metricsJson`. */
export function metrics(world: World, { metricName, startTime, endTime, first, metricsFilter }: MetricsArgs) {
  const { mcon, fullTableId, dwId } = metricsFilter;
  const asset =
    world.asset(mcon) ??
    [...world.assets.values()].find(
      ({ full_table_id, resource }) => full_table_id === fullTableId && (dwId === undefined || resource === dwId),
    );
  const until = endTime === undefined ? world.clock.now() : Date.parse(endTime);
  const points = (asset === undefined ? [] : pointsOf(asset, metricName))
    .filter(({ at }) => Date.parse(at) >= Date.parse(startTime) && Date.parse(at) <= until)
    .filter(({ at, value }) => value !== undefined && world.shows(at, 'metadata'))
    .slice(0, first ?? Number.POSITIVE_INFINITY);
  const facts = (at: string) => ({ metric: metricName, timestamp: at, measurementTimestamp: at });
  return {
    metrics: points.map(({ at, value }) => ({
      ...facts(at),
      fullTableId: asset?.full_table_id ?? null,
      value: Number(value),
    })),
    isPartialDateRange: false,
    metricsJson: printExact(
      points.map(({ at, value }) => ({
        ...facts(at),
        value: typeof value === 'string' ? new ExactNumber(value) : value,
      })),
    ),
  };
}
