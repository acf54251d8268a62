/** What the configuration knows of the source. */
export const sqlType = {
  type: 'sql',
  title: 'Queries of your own, on a connection of this file',
  properties: {
    connection: {
      type: 'string',
      minLength: 1,
      description: 'Name of the entry under sources whose connection the queries run on. They run read-only.',
      examples: ['shop'],
    },
  },
  required: ['connection'],
  refers: 'connection',
  flowProperties: {
    query: {
      type: 'string',
      minLength: 1,
      description: `For flows on a sql source: the query, one statement. Its result columns are recognised by name.
metadata: database, schema, name, type; optional description, row_count, byte_count, last_update_time, created_on, view_query, and columns as rows (column_name, column_type, column_description) or as a JSON array fields.
table_lineage: source_database, source_schema, source_name, destination_database, destination_schema, destination_name; optional source_type, destination_type. column_lineage: also source_column, destination_column.
query_logs: start_time, end_time, query_text; optional query_id, user, error_code, error_text, returned_rows; others go into extra. :from and :to are bound to the window.`,
      examples: [
        'SELECT started AS start_time, ended AS end_time, text AS query_text FROM audit WHERE ended > :from AND ended <= :to',
      ],
    },
  },
  flowRequired: ['query'],
  collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  starter: `sources:
  database:
    type: postgres
    resource: warehouse
    host: "\${PGHOST:-localhost}"
    database: "\${PGDATABASE:-postgres}"
    # password: "\${PGPASSWORD}"
  queries: { type: sql, resource: warehouse, connection: database }

flows:
  metadata:
    source: queries
    collect: metadata
    every: 1h
    # The result columns are recognised by name: mc-ingest explain MCI630
    query: |
      SELECT table_catalog AS database, table_schema AS schema, table_name AS name, table_type AS type,
             column_name, data_type AS column_type
      FROM information_schema.tables JOIN information_schema.columns USING (table_catalog, table_schema, table_name)
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
      ORDER BY table_catalog, table_schema, table_name, ordinal_position
`,
} as const;
