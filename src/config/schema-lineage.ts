import { PROTECT, TAGS, text } from './schema-parts.ts';

const EXPIRE_AT = text(
  'When the item lapses: `never`, a date, a date-time with offset, or a duration that apply renews before it lapses. ' +
    'Without it Monte Carlo drops the item after 7 days, silently.',
  { examples: ['never', '30d', '2031-05-01', '2031-05-01T12:00:00+02:00'], minLength: 1 },
);
const OBJECT_TYPE = text('Kind of object: a word of yours, or `table` for a table.', {
  examples: ['model', 'job', 'report', 'table'],
  minLength: 1,
});
const OBJECT_ID = text(
  'Stable id, unique among objects of its type in its resource. A table: `database:schema.table`.',
  {
    examples: ['dbt://shop/models/orders', 'analytics:public.orders'],
    minLength: 1,
  },
);
const RESOURCE = text('Name of an entry under `resources`; its UUID is sent.', {
  examples: ['warehouse'],
  minLength: 1,
});
const RESOURCE_NAME = text('Name of a resource that Monte Carlo makes for custom objects.', {
  examples: ['dbt-production'],
  minLength: 1,
});

const TABLE_END = {
  type: 'object',
  description: 'A table that Monte Carlo knows.',
  properties: {
    table: text('`DATABASE.SCHEMA.TABLE` or `database:schema.table`.', {
      examples: ['ANALYTICS.PUBLIC.ORDERS', 'analytics:public.orders'],
      minLength: 1,
    }),
    resource: RESOURCE,
    resourceName: RESOURCE_NAME,
  },
  required: ['table'],
  additionalProperties: false,
};

const FULL_END = {
  type: 'object',
  description: 'Any object, by what identifies it remotely.',
  properties: { objectType: OBJECT_TYPE, objectId: OBJECT_ID, resource: RESOURCE, resourceName: RESOURCE_NAME },
  required: ['objectType', 'objectId'],
  additionalProperties: false,
};

const END = {
  description: 'The name of a node under `lineage.nodes`, a table, or a full identity.',
  type: ['string', 'object'],
  minLength: 1,
  examples: ['stg_orders', { table: 'ANALYTICS.PUBLIC.ORDERS', resource: 'warehouse' }],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
  then: { if: { required: ['table'] }, then: { $ref: '#/$defs/tableEnd' }, else: { $ref: '#/$defs/fullEnd' } },
};

const NODE = {
  type: 'object',
  description: 'A custom node. The same objectType, objectId and resource are the same node.',
  properties: {
    objectType: OBJECT_TYPE,
    objectId: OBJECT_ID,
    name: text('Name shown; without it Monte Carlo shows the objectId.', { examples: ['stg_orders'] }),
    resource: RESOURCE,
    resourceName: RESOURCE_NAME,
    properties: {
      type: 'object',
      description: 'Searchable name and value pairs. `mc_ingest` is ours: the mark of ownership.',
      default: {},
      examples: [{ team: 'data-eng' }],
      additionalProperties: { type: 'string', description: 'The value.', examples: ['data-eng'] },
    },
    expireAt: EXPIRE_AT,
    tags: TAGS,
    protect: PROTECT,
  },
  required: ['objectType', 'objectId'],
  additionalProperties: false,
};

const EDGE = {
  type: 'object',
  description: 'A custom edge: data goes from `from` to `to`.',
  properties: {
    from: { $ref: '#/$defs/end' },
    to: { $ref: '#/$defs/end' },
    edgeType: {
      description: 'How the ends relate.',
      default: 'IS_DOWNSTREAM',
      examples: ['IS_DOWNSTREAM'],
      oneOf: [
        { const: 'IS_DOWNSTREAM', title: '`to` is made from `from`' },
        { const: 'IS_READ_BY', title: '`from` is read by `to`' },
        { const: 'MODIFIES', title: '`from` changes `to`' },
      ],
    },
    expireAt: EXPIRE_AT,
    tags: TAGS,
    protect: PROTECT,
  },
  required: ['from', 'to'],
  additionalProperties: false,
};

/** Definitions that the schema of `lineage` refers to. */
export const LINEAGE_DEFS = { tableEnd: TABLE_END, fullEnd: FULL_END, end: END, node: NODE, edge: EDGE };

/** The schema of `lineage:`. */
export const LINEAGE = {
  type: 'object',
  description: 'Custom lineage: nodes and edges that no warehouse tells.',
  examples: [{ defaults: { expireAt: 'never', resourceName: 'dbt-production' }, nodes: {}, edges: [] }],
  properties: {
    defaults: {
      type: 'object',
      description: 'What every node and edge of this file takes unless it says otherwise.',
      examples: [{ expireAt: 'never', resourceName: 'dbt-production' }],
      properties: {
        expireAt: EXPIRE_AT,
        resource: RESOURCE,
        resourceName: RESOURCE_NAME,
        tags: TAGS,
        protect: PROTECT,
      },
      additionalProperties: false,
    },
    mark: {
      type: 'boolean',
      description: 'Give each node the property `mc_ingest` = project/name, by which a lost state can be found again.',
      default: true,
      examples: [true],
    },
    nodes: {
      type: 'object',
      description: 'Nodes by name. The name is its key in plan, state and `--select`.',
      examples: [{ stg_orders: { objectType: 'model', objectId: 'dbt://shop/models/stg_orders' } }],
      propertyNames: { minLength: 1 },
      additionalProperties: { $ref: '#/$defs/node' },
    },
    edges: {
      type: 'array',
      description: 'Edges between nodes, tables and other objects.',
      examples: [[{ from: 'load_orders', to: 'stg_orders' }]],
      items: { $ref: '#/$defs/edge' },
    },
  },
  additionalProperties: false,
};
