/** What the configuration knows of the source. */
export const execType = {
  type: 'exec',
  title: 'A program that writes events',
  properties: {
    command: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: 'The program and its arguments. No shell reads it.',
      examples: [['python3', 'collect.py']],
    },
    env: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Variables it gets beside PATH, HOME and the locale. Keys of Monte Carlo are never passed on.',
      default: {},
      examples: [{ WIKI_TOKEN: '${WIKI_TOKEN}' }],
    },
    include: {
      type: 'array',
      items: { type: 'string' },
      description: 'Patterns handed to the program in its request.',
      default: [],
      examples: [['shop.public.*']],
    },
    exclude: {
      type: 'array',
      items: { type: 'string' },
      description: 'Patterns handed to the program in its request.',
      default: [],
      examples: [['*.*.tmp_*']],
    },
  },
  required: ['command'],
  flowProperties: {},
  collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  starter: `sources:
  program:
    type: exec
    resource: warehouse
    # It gets the request as one JSON line on stdin, writes an event a line to stdout, then the line
    # {"end": true, "events": N, "complete": true}.
    command: [python3, collect.py]

flows:
  metadata: { source: program, collect: metadata, every: 1h }
`,
} as const;
