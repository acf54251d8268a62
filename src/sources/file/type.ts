/** What the configuration knows of the source. */
export const fileType = {
  type: 'file',
  title: 'Files: NDJSON, JSON arrays, CSV',
  properties: {
    path: { type: 'string', description: 'A file, relative to the configuration.', examples: ['events.ndjson'] },
    paths: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'Files or globs (*, **, ?), relative to the configuration.',
      examples: [['exports/*.csv']],
    },
    format: {
      type: 'string',
      description: 'The format, where the extension does not say it. Default: by the extension, else ndjson.',
      examples: ['csv'],
      oneOf: [
        { const: 'ndjson', title: 'An event a line, in the manifest format' },
        { const: 'json', title: 'One JSON array of events or flat rows' },
        { const: 'csv', title: 'A header and rows; columns of a table as rows that follow each other' },
      ],
    },
  },
  required: [],
  flowProperties: {},
  collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  starter: `sources:
  files:
    type: file
    resource: warehouse
    path: events.ndjson # an event a line; CSV and JSON arrays are read too

flows:
  metadata: { source: files, collect: metadata, every: 1h }
`,
} as const;
