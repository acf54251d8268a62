import type { CodeText } from '../errors.ts';

/** What can be wrong with a manifest, or with a file of events. */
export const MANIFEST_CODES = {
  MCI700: {
    title: 'the manifest cannot be read',
    text: 'The file is missing, is a directory, or may not be read or written.\nCheck the path and its permissions. Manifests are written with mode 0600 by the user who collected.',
  },
  MCI701: {
    title: 'not a manifest',
    text: 'The first line of a manifest is {"manifest": "mc-ingest/1", "flow", "collect", "resource", "started_at"}. Without it nobody knows where the events belong.\nThe file must be UTF-8 without a byte order mark, one JSON document a line.',
  },
  MCI702: {
    title: 'the manifest is unfinished',
    text: 'A manifest ends with {"end": true, "events": N, "complete": …}. Without that line the collect was cut off: what is missing looks like tables that are gone.\nCollect again, or push it knowingly with --allow incomplete-manifest.',
  },
  MCI703: {
    title: 'the manifest does not match its last line',
    text: 'The last line states how many events there are and their sha256; the file holds something else. It was changed or damaged after it was written.\nCollect again. If you edited it on purpose, remove "sha256" from the last line and correct "events".',
  },
  MCI704: {
    title: 'no events',
    text: 'Monte Carlo takes at least one event a request, so an empty manifest cannot be pushed.\nIf the source truly has nothing, there is nothing to do; if it should have, look at the include patterns and the rights of the user that collects.',
  },
  MCI705: {
    title: 'the file changed while it was read',
    text: 'Its size, its time or the file itself changed between the first and the last byte read: what would be sent is neither the old nor the new content.\nLet the program that writes it finish: write to a temporary name, then rename.',
  },
  MCI706: {
    title: 'not JSON',
    text: 'The line is not a JSON document. NaN and Infinity are not JSON, nor are comments, single quotes or a comma before a closing bracket.\nThe column is where the reader gave up. Nothing was sent.',
  },
  MCI707: {
    title: 'the event does not have the form that is sent',
    text: 'A member is missing, unknown, of the wrong type or outside its values. Monte Carlo ignores or refuses such events after the 202, so they are caught before.\nThe form of each event is in schemas/event.schema.json. Nothing was sent.',
  },
  MCI708: {
    title: 'the resource is not complete',
    text: 'A resource is {uuid, resource_type}, for query logs {uuid, log_type}. One without the other is refused.\nOnly lineage may leave it out, when every asset names its own resource_uuid and resource_type.',
  },
  MCI709: {
    title: 'log_type is not one that Monte Carlo knows',
    text: 'Monte Carlo accepts the request and refuses it later, unseen: "Unsupported ingest query-log log_type".\nAllowed: snowflake, bigquery, databricks, databricks-metastore-sql-warehouse, redshift, hive-s3, athena, teradata, clickhouse, s3, presto-s3. Hive is hive-s3.',
  },
  MCI710: {
    title: 'more than 100 ETL or BI events',
    text: 'The vendor takes 1 to 100 of these events a call and refuses more.\nSplit the manifest, or let it be sent in several calls with --allow split-batches.',
  },
  MCI711: {
    title: 'the asset type will be refused',
    text: 'Monte Carlo takes exactly TABLE and VIEW and answers anything else with 400. Native kinds (BASE TABLE, MANAGED, MATERIALIZED_VIEW, …) have to be mapped first.\nMap them where the events are made.',
  },
  MCI712: {
    title: 'times without a zone',
    text: "A query-log time that names no zone is read in the time zone of the machine that pushes, as the vendor's SDK does: the same file means other times elsewhere.\nWrite an offset or Z behind every time, or set TZ knowingly.",
  },
  MCI713: {
    title: 'an asset names no resource',
    text: 'The manifest names no resource, so every asset of a lineage event has to name its own (resource_uuid and resource_type). Monte Carlo cannot tell where one without belongs.\nAdd both members to each asset, or a resource to the first line.',
  },
  MCI714: {
    title: 'a member of the first line is wrong',
    text: 'The first line holds manifest, flow, collect, resource, started_at; event_type (LINEAGE or COLUMN_LINEAGE) for lineage alone, event_time for ETL runs alone.\nA misspelt member would change what is sent without a word, so it is refused.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
