import type { Collect } from '../model.ts';
import { BI_ASSET, ETL_ASSET, ETL_RUN } from './event-schema-jobs.ts';
import { COUNT, closed, described, list, OPEN, TEXT } from './schema-words.ts';

const RELATIONAL_ASSET = closed({
  relational_asset: closed(
    {
      type: described(TEXT, 'TABLE or VIEW; Monte Carlo answers anything else with 400.'),
      metadata: closed(
        { name: TEXT, database: TEXT, schema: TEXT },
        {
          description: TEXT,
          view_query: described(TEXT, 'The text of the view.'),
          created_on: described(TEXT, 'ISO 8601.'),
        },
      ),
    },
    {
      fields: list(closed({ name: TEXT, type: TEXT }, { description: TEXT })),
      volume: closed({}, { row_count: described(COUNT, 'Zero is data.'), byte_count: COUNT }),
      freshness: closed({}, { last_update_time: described(TEXT, 'ISO 8601; never "now" when it is not known.') }),
      tags: list(closed({ key: TEXT }, { value: TEXT })),
    },
  ),
});

/** `resource_uuid` and `resource_type` come together or not at all. */
const BOTH_OR_NEITHER = {
  anyOf: [
    {
      required: ['resource_uuid', 'resource_type'],
      properties: { resource_uuid: { type: 'string' }, resource_type: { type: 'string' } },
    },
    { properties: { resource_uuid: { type: 'null' }, resource_type: { type: 'null' } } },
  ],
};

const REFERENCE = closed(
  { type: TEXT, name: TEXT, database: TEXT, schema: TEXT },
  {
    asset_id: described(TEXT, 'A local id that source_fields refer to.'),
    resource_uuid: described(TEXT, 'Cross-warehouse lineage only.'),
    resource_type: TEXT,
  },
  BOTH_OR_NEITHER,
);

const LINEAGE = closed(
  { destination: REFERENCE, sources: list(REFERENCE) },
  {
    fields: list(
      closed({
        name: described(TEXT, 'The column of the destination.'),
        source_fields: list(closed({ asset_id: TEXT, field_name: TEXT })),
      }),
    ),
  },
);

const TIME = described(
  {
    type: 'string',
    pattern: '^\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d(:\\d\\d([.,]\\d+)?)?([Zz]|[+-]\\d\\d(:?\\d\\d(:?\\d\\d)?)?)?$',
  },
  'ISO 8601; sent in UTC with Z.',
);

const QUERY_LOG = closed(
  { start_time: TIME, end_time: TIME, query_text: TEXT },
  {
    query_id: TEXT,
    user: TEXT,
    error_code: { type: ['string', 'integer'] },
    error_text: TEXT,
    returned_rows: COUNT,
    extra: described(OPEN, 'Members of the vendor of the warehouse, sent as they are.'),
  },
);

/**
 * The JSON Schema (draft 2020-12) of one event line, by what is collected: what the vendor's SDK (pycarlo 0.15.500)
 * sends, and no member it does not know.
 */
export const EVENT_SCHEMAS: Readonly<Record<Collect, object>> = {
  metadata: RELATIONAL_ASSET,
  table_lineage: LINEAGE,
  column_lineage: LINEAGE,
  query_logs: QUERY_LOG,
  etl: ETL_ASSET,
  etl_runs: ETL_RUN,
  bi: BI_ASSET,
};
