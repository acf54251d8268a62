/** What the configuration knows of the source. */
export const fileType = {
  type: 'file',
  title: 'Files: NDJSON, JSON arrays, CSV',
  properties: {
    path: { type: 'string', description: 'A file, relative to the configuration.', examples: ['events.ndjson'] },
    paths: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: 'Files or globs (*, **, ?), relative to the configuration.',
      examples: [['exports/*.csv']],
    },
    format: {
      enum: ['ndjson', 'json', 'csv'],
      description: 'The format, where the extension does not say it. Default: by extension, else ndjson.',
    },
  },
  required: [],
  flowProperties: {},
  collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  starter: 'type: file\npath: events.ndjson\n',
} as const;
