import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  GraphQLError,
  GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  parse,
  validate,
} from 'graphql';
import { isUuid } from './identity.ts';
import { mutationsOf } from './mutations.ts';
import { queriesOf } from './read-api.ts';
import { isObject } from './shapes.ts';
import type { World } from './world.ts';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;
const CACHED = 100;
const CACHED_LENGTH = 20_000;

function strict(schema: GraphQLSchema, name: string, check: (value: unknown) => boolean): void {
  const scalar = schema.getType(name);
  if (!(scalar instanceof GraphQLScalarType)) throw new Error(`the schema has no scalar ${name}`);
  const parseValue = (value: unknown): unknown => {
    if (check(value)) return value;
    throw new GraphQLError(`${JSON.stringify(value)} is not a whole ${name}`);
  };
  scalar.parseValue = parseValue;
  scalar.parseLiteral = (node) => parseValue(node.kind === Kind.STRING ? node.value : null);
}

/** The contract's schema, its scalars as strict as the API's: a `DateTime` is a whole one, with an offset. */
export function loadSchema(): GraphQLSchema {
  const schema = buildSchema(readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'));
  const isDateTime = (value: unknown): boolean =>
    typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value));
  strict(schema, 'DateTime', isDateTime);
  strict(schema, 'UUID', isUuid);
  return schema;
}

/** A request that can be executed, or why it cannot. */
interface Prepared {
  readonly document: DocumentNode | null;
  readonly errors: readonly GraphQLError[];
  readonly operation: string;
  readonly mutates: boolean;
}

function prepare(schema: GraphQLSchema, source: string): Prepared {
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: 200_000 });
  } catch (error) {
    if (error instanceof GraphQLError)
      return { document: null, errors: [error], operation: 'unreadable', mutates: false };
    throw error;
  }
  const operations = document.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one] : []));
  const fields = operations.flatMap(({ selectionSet }) =>
    selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : [])),
  );
  const operation = [...new Set(fields)].join(', ');
  const mutates = operations.some((one) => one.operation === 'mutation');
  return { document, errors: validate(schema, document), operation, mutates };
}

/** Nulls and absent arguments mean the same to the API, so resolvers see only what was given. */
function withoutNulls(root: Readonly<Record<string, (args: never) => unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(root).map(([name, resolve]) => [
      name,
      (args: object) =>
        resolve(Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) as never),
    ]),
  );
}

/** What a request came to: the reply as the API words it, the fields that were asked, and whether it changes anything. */
export interface Executed {
  readonly reply: { readonly [name: string]: unknown };
  readonly operation: string;
  readonly mutates: boolean;
}

export type Execute = (body: unknown) => Executed;

/** Binds the contract's schema to a world. Failures come as `errors`, to be sent with HTTP 200. */
export function executor(world: World): Execute {
  const schema = loadSchema();
  const root = withoutNulls({ ...queriesOf(world), ...mutationsOf(world) });
  const cache = new Map<string, Prepared>();
  const prepared = (source: string): Prepared => {
    const known = cache.get(source);
    if (known !== undefined) return known;
    const made = prepare(schema, source);
    if (cache.size >= CACHED) cache.clear();
    if (source.length <= CACHED_LENGTH) cache.set(source, made);
    return made;
  };
  return (body) => {
    if (!isObject(body) || typeof body['query'] !== 'string')
      return { reply: { errors: [{ message: 'query is missing' }] }, operation: 'unreadable', mutates: false };
    const { document, errors, operation, mutates } = prepared(body['query']);
    if (document === null || errors.length > 0)
      return { reply: { errors: errors.map((error) => error.toJSON()) }, operation, mutates: false };
    const { variables, operationName } = body;
    const result = executeSync({
      schema,
      document,
      rootValue: root,
      variableValues: isObject(variables) ? variables : {},
      ...(typeof operationName === 'string' ? { operationName } : {}),
    });
    const failed = result.errors === undefined ? {} : { errors: result.errors.map((error) => error.toJSON()) };
    return { reply: { ...failed, data: result.data ?? null }, operation, mutates };
  };
}
