import { COLLECTS } from '../model.ts';
import { COUNT, described, FLAG, oneOf, TEXT } from './schema-words.ts';

const RESOURCE = {
  type: 'object',
  properties: {
    uuid: described(TEXT, 'The warehouse resource. Only lineage whose assets name their own may leave it out.'),
    resource_type: described(TEXT, 'For everything but query logs.'),
    log_type: described(TEXT, 'For query logs.'),
  },
};

const FIRST_LINE = {
  description: 'What the events are and where they belong.',
  type: 'object',
  required: ['manifest', 'flow', 'collect'],
  properties: {
    manifest: { const: 'mc-ingest/1' },
    flow: TEXT,
    collect: oneOf(...COLLECTS),
    resource: RESOURCE,
    event_type: described(oneOf('LINEAGE', 'COLUMN_LINEAGE'), 'Forces it; else any event with fields decides.'),
    event_time: described(TEXT, 'For ETL runs.'),
    started_at: TEXT,
  },
};

const LAST_LINE = {
  description: 'Without it the manifest is unfinished.',
  type: 'object',
  required: ['end', 'events', 'complete'],
  properties: {
    end: { const: true },
    events: COUNT,
    complete: described(FLAG, 'Whether everything that should be there was read: only then is anything pruned.'),
    watermark: { type: 'object', required: ['to'], properties: { from: TEXT, to: TEXT } },
    sha256: described({ type: 'string', pattern: '^[0-9a-f]{64}$' }, 'Of the event lines, line breaks included.'),
  },
};

/** The first and the last line of a manifest; the lines between are events (`event.schema.json`). */
export const MANIFEST_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The first or the last line of a manifest',
  $defs: { first: FIRST_LINE, last: LAST_LINE },
  anyOf: [{ $ref: '#/$defs/first' }, { $ref: '#/$defs/last' }],
};
