import { LINEAGE, LINEAGE_DEFS } from './schema-lineage.ts';
import { duration, PROTECT, TAGS, text } from './schema-parts.ts';
import type { SourceType } from './types.ts';
import { COLLECT_WORDS, LOG_TYPES, RESOURCE_TYPE_WORDS } from './vocabulary.ts';

const UUID_REFERENCE = '${MCD_RESOURCE_UUID}';

type SourceTypes = Readonly<Record<string, SourceType>>;

/** Where the schema lives; editors take it from the modeline of the file. */
export const SCHEMA_ID = 'https://mc-ingest.dev/schemas/mc-ingest.schema.json';

const ITEM_KEY = text('Key of an item: `node:NAME`, `edge:FROM->TO` or `flow:NAME`.', {
  examples: ['node:stg_orders', 'edge:load_orders->stg_orders', 'flow:snowflake_metadata'],
  pattern: '^(node|edge|flow):.',
});

const RESOURCE = {
  type: 'object',
  description: 'A warehouse as Monte Carlo knows it.',
  properties: {
    uuid: text('The resource UUID, or a reference to it.', {
      examples: [UUID_REFERENCE, '3fa85f64-5717-4562-b3fc-2c963f66afa6'],
      minLength: 1,
    }),
    resource_type: {
      description: 'What the connection type of the resource says.',
      examples: ['snowflake', 'transactional-db'],
      anyOf: [{ oneOf: RESOURCE_TYPE_WORDS }, { type: 'string', minLength: 1 }],
      type: 'string',
    },
  },
  required: ['uuid', 'resource_type'],
  additionalProperties: false,
};

const STATE = {
  type: 'object',
  description: 'Where the state of the last runs is kept.',
  examples: [{ backend: 'file', path: '.mc-ingest/state.json' }],
  properties: {
    backend: {
      description: 'Kind of store.',
      default: 'file',
      examples: ['file'],
      oneOf: [{ const: 'file', title: 'A file on disk, beside the configuration' }],
    },
    path: text('The file, relative to this one.', {
      default: '.mc-ingest/state.json',
      examples: ['.mc-ingest/state.json'],
      minLength: 1,
    }),
  },
  additionalProperties: false,
};

const BATCH = {
  type: 'object',
  description: 'Lower limits for one request than the contract has.',
  examples: [{ events: 500, bytes: 500_000 }],
  properties: {
    events: { type: 'integer', minimum: 1, description: 'Events in a request at most.', examples: [500] },
    bytes: { type: 'integer', minimum: 1024, description: 'Bytes of a request body at most.', examples: [500_000] },
  },
  additionalProperties: false,
};

const FLOW_PROPERTIES = {
  source: text('Name of an entry under `sources`.', { examples: ['snowflake'], minLength: 1 }),
  collect: {
    description: 'Which kind of data.',
    examples: ['metadata'],
    oneOf: COLLECT_WORDS,
  },
  every: duration('How often it is pushed: an hour at least; column lineage every 10 days at least.', {
    default: '1h',
    examples: ['1h', '24h'],
  }),
  full_every: duration('How often everything is pushed; between, counts and freshness only.', { examples: ['24h'] }),
  lag: duration('How far behind now a window of query logs ends, so that late entries are seen.', { examples: ['1h'] }),
  log_type: text('What the query logs are called in the push; overrides `log_types`.', {
    examples: [...LOG_TYPES],
    minLength: 1,
  }),
  batch: BATCH,
  compression: {
    description: 'How request bodies are sent.',
    default: 'none',
    examples: ['gzip'],
    oneOf: [
      { const: 'none', title: 'As they are' },
      { const: 'gzip', title: 'Compressed; fewer bytes, more CPU' },
    ],
  },
  tags: TAGS,
  protect: PROTECT,
};

/** A number or switch may also come from a reference, which is a string until it is read. */
function referable(schema: object): object {
  const type = (schema as { readonly type?: unknown }).type;
  if (type !== 'integer' && type !== 'number' && type !== 'boolean') return schema;
  return { ...schema, type: [type, 'string'], pattern: '\\$\\{' };
}

/** Plain choices as choices with a title, which editors show. */
function titled(schema: object): object {
  const { enum: words, ...rest } = schema as { readonly enum?: readonly unknown[] };
  return words === undefined ? schema : { ...rest, oneOf: words.map((word) => ({ const: word, title: String(word) })) };
}

function mapValues(
  object: Readonly<Record<string, object>>,
  change: (value: object) => object,
): Record<string, object> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function sourceSchema(source: SourceType): object {
  return {
    type: 'object',
    description: source.title,
    properties: {
      type: { const: source.type, title: source.title, description: 'Kind of source.' },
      resource: text('Name of the entry under `resources` that this source belongs to.', { examples: ['warehouse'] }),
      ...mapValues(source.properties, (property) => titled(referable(property))),
    },
    required: ['type', ...source.required],
    additionalProperties: false,
  };
}

function whenType(source: SourceType): object {
  return {
    if: { properties: { type: { const: source.type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
    then: { $ref: `#/$defs/source_${source.type}` },
  };
}

function anySource(sourceTypes: SourceTypes): object {
  const types = Object.values(sourceTypes);
  return {
    type: 'object',
    description: 'A connection to something data is collected from.',
    properties: {
      type: {
        description: 'Kind of source.',
        examples: types.map((source) => source.type),
        ...(types.length === 0
          ? { type: 'string' }
          : { oneOf: types.map((source) => ({ const: source.type, title: source.title })) }),
      },
    },
    required: ['type'],
    ...(types.length === 0 ? {} : { allOf: types.map(whenType) }),
  };
}

function flowSchema(sourceTypes: SourceTypes): object {
  const own = Object.assign({}, ...Object.values(sourceTypes).map((source) => source.flowProperties)) as object;
  return {
    type: 'object',
    description: 'One kind of data from one source, and how often it is pushed.',
    properties: { ...own, ...FLOW_PROPERTIES },
    required: ['source', 'collect'],
    additionalProperties: false,
  };
}

function named(description: string, example: object, schema: object): object {
  return {
    type: 'object',
    description,
    examples: [example],
    propertyNames: { minLength: 1 },
    additionalProperties: schema,
  };
}

/** The JSON Schema (draft 2020-12) of `mc-ingest.yaml`, with the settings of every registered kind of source. */
export function configSchema(sourceTypes: SourceTypes): object {
  const sources = Object.values(sourceTypes).map((source) => [`source_${source.type}`, sourceSchema(source)] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'mc-ingest.yaml',
    description: 'What is collected and pushed to Monte Carlo, and the custom lineage declared there.',
    type: 'object',
    properties: {
      version: { const: 1, description: 'Format of this file.', default: 1, examples: [1] },
      project: text('Owns what it creates; names the state.', {
        examples: ['shop'],
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      }),
      include: {
        type: 'array',
        description: 'More files (YAML or JSON), as globs inside the folder of this file.',
        default: [],
        examples: [['lineage/*.yaml', 'generated/*.json']],
        items: text('A path or glob.', { examples: ['lineage/*.yaml'], minLength: 1 }),
      },
      state: STATE,
      resources: named(
        'Warehouses by name.',
        { warehouse: { uuid: UUID_REFERENCE, resource_type: 'snowflake' } },
        RESOURCE,
      ),
      sources: named(
        'Connections by name.',
        { shop: { type: 'postgres', resource: 'warehouse' } },
        { $ref: '#/$defs/source' },
      ),
      log_types: {
        type: 'object',
        description: 'Which `log_type` the query logs of a kind of source are pushed as, on top of the built-in table.',
        examples: [{ hive: 'hive-s3' }],
        additionalProperties: text('A documented log_type.', { examples: [...LOG_TYPES] }),
      },
      flows: named(
        'Flows by name.',
        { shop_metadata: { source: 'shop', collect: 'metadata', every: '1h' } },
        { $ref: '#/$defs/flow' },
      ),
      lineage: LINEAGE,
      moved: {
        type: 'array',
        description: 'Items that were renamed: the state follows, nothing is deleted.',
        default: [],
        examples: [[{ from: 'node:old', to: 'node:new' }]],
        items: {
          type: 'object',
          description: 'One renaming.',
          properties: { from: ITEM_KEY, to: ITEM_KEY },
          required: ['from', 'to'],
          additionalProperties: false,
        },
      },
      removed: {
        type: 'array',
        description: 'Items to forget: they stay in Monte Carlo, the state drops them.',
        default: [],
        examples: [['node:old_report']],
        items: { $ref: '#/$defs/removed' },
      },
    },
    required: ['version', 'project'],
    additionalProperties: false,
    $defs: {
      source: anySource(sourceTypes),
      ...Object.fromEntries(sources),
      flow: flowSchema(sourceTypes),
      removed: {
        description: 'A key, or `{key: …}`.',
        examples: ['node:old_report', { key: 'node:old_report' }],
        type: ['string', 'object'],
        pattern: '^(node|edge|flow):.',
        properties: { key: ITEM_KEY },
        required: ['key'],
        additionalProperties: false,
      },
      ...LINEAGE_DEFS,
    },
  };
}
