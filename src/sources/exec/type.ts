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
    },
    include: { type: 'array', items: { type: 'string' }, description: 'Patterns handed to the program.' },
    exclude: { type: 'array', items: { type: 'string' }, description: 'Patterns handed to the program.' },
  },
  required: ['command'],
  flowProperties: {},
  collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  starter: 'type: exec\ncommand: [python3, collect.py]\n',
} as const;
