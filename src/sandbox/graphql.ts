import { readFileSync } from 'node:fs';
import { buildSchema, GraphQLError, GraphQLScalarType, type GraphQLSchema, graphqlSync, Kind } from 'graphql';
import { isUuid } from './identity.ts';
import { mutations } from './lineage-api.ts';
import { queriesOf } from './read-api.ts';
import { isObject } from './shapes.ts';
import type { World } from './world.ts';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;

function strict(schema: GraphQLSchema, name: string, check: (value: unknown) => boolean): void {
  const scalar = schema.getType(name);
  if (!(scalar instanceof GraphQLScalarType)) throw new Error(`the schema has no scalar ${name}`);
  const parse = (value: unknown): unknown => {
    if (check(value)) return value;
    throw new GraphQLError(`${JSON.stringify(value)} is not a whole ${name}`);
  };
  scalar.parseValue = parse;
  scalar.parseLiteral = (node) => parse(node.kind === Kind.STRING ? node.value : null);
}

function schemaOf(): GraphQLSchema {
  const schema = buildSchema(readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'));
  strict(
    schema,
    'DateTime',
    (value) => typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
  );
  strict(schema, 'UUID', isUuid);
  return schema;
}

/** Executes a GraphQL request body over a world, as the API would: failures come as `errors`, with HTTP 200. */
export type Execute = (body: unknown) => { readonly [name: string]: unknown };

/** Loads the contract's schema and binds it to a world. */
export function executor(world: World): Execute {
  const schema = schemaOf();
  const root = { ...queriesOf(world), ...mutations(world) };
  return (body) => {
    if (!isObject(body) || typeof body['query'] !== 'string') return { errors: [{ message: 'query is missing' }] };
    const { query, variables, operationName } = body;
    const result = graphqlSync({
      schema,
      source: query,
      rootValue: root,
      variableValues: isObject(variables) ? variables : {},
      ...(typeof operationName === 'string' ? { operationName } : {}),
    });
    return {
      ...(result.errors === undefined ? {} : { errors: result.errors.map((error) => error.toJSON()) }),
      ...(result.data === undefined ? {} : { data: result.data }),
    };
  };
}
