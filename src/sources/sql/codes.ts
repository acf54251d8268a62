import type { CodeText } from '../../errors.ts';

/** What can go wrong with a `sql` source. */
export const SQL_CODES = {
  MCI630: {
    title: 'the result has other columns',
    text: `A query's result columns are recognised by name.
metadata: database, schema, name, type; and, where known, description, row_count, byte_count, last_update_time, created_on, view_query; columns as rows that follow each other (column_name, column_type, column_description) or as one JSON array \`fields\`.
table_lineage: source_database, source_schema, source_name, destination_database, destination_schema, destination_name; source_type, destination_type (TABLE where left out). One row a pair, rows of a destination together.
column_lineage: the same, with source_column and destination_column.
query_logs: start_time, end_time, query_text; query_id, user, error_code, error_text, returned_rows; any other column goes into extra.`,
  },
  MCI631: {
    title: 'a row cannot be sent',
    text: 'A value is missing or is not what its column holds, or rows of one table do not follow each other. The row is counted from 1 in the order of the result. Nothing was pushed.',
  },
  MCI632: {
    title: 'the query cannot be run',
    text: 'A flow on a sql source needs `query:`. :from and :to are the window of query logs (after :from, up to :to), bound as values; on the first run :from is 1970-01-01. In other flows there is no window.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
