import { readFileSync } from 'node:fs';
import {
  type ArgumentNode,
  buildSchema,
  type DocumentNode,
  parse,
  validate,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { DELETE_NODE, UPSERT_EDGE, UPSERT_NODE } from '../../src/montecarlo/documents.ts';
import { type EdgeInputSpec, graphqlClient, type NodeInputSpec } from '../../src/montecarlo/graphql.ts';
import type { Transport } from '../../src/montecarlo/http-transport.ts';
import { type Gateway, gateway, type Reply, type Seen } from '../fakes/gateway.ts';
import { connectionTo, counter, fakeClock, GRAPHQL_TOKEN, RESOURCE, transportTo } from './support.ts';

const golden: readonly {
  readonly name: string;
  readonly input: { readonly operation?: string; readonly arguments?: Record<string, unknown> };
  readonly request: { readonly body: { readonly query: string } };
}[] = JSON.parse(readFileSync(new URL('../fixtures/golden/graphql.json', import.meta.url), 'utf8'));

const opened: { gate: Gateway; transport: Transport }[] = [];
afterEach(async () => {
  for (const { gate, transport } of opened.splice(0)) {
    await transport.close();
    await gate.close();
  }
});

const MCON = `MCON++00000000-0000-4000-8000-000000000001++${RESOURCE}++report++r1`;
const NODE: NodeInputSpec = { objectType: 'report', objectId: 'r1', resourceId: RESOURCE, properties: {} };
const EDGE: EdgeInputSpec = { source: NODE, destination: { ...NODE, objectId: 'r2' }, edgeType: 'IS_DOWNSTREAM' };
const NEVER = '9999-12-31T00:00:00+00:00';
const made = (data: unknown): Reply => ({ status: 200, body: JSON.stringify({ data }) });
const nodeMade = made({ createOrUpdateLineageNode: { node: { mcon: MCON } } });

async function setup(script: (request: Seen, index: number) => Reply) {
  const gate = await gateway(script);
  const transport = transportTo(gate.url);
  opened.push({ gate, transport });
  const { clock, waits } = fakeClock();
  const signal = new AbortController().signal;
  const client = graphqlClient({
    connection: connectionTo(gate.url),
    transport,
    clock,
    random: () => 0.5,
    uuid: counter(),
    signal,
  });
  return { gate, client, waits };
}

/** The arguments of a document's only field, with variables put in and nulls and empty lists left out. */
function argumentsOf(document: DocumentNode, variables: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let depth = 0;
  const take = (node: ArgumentNode): void => {
    const value = valueFromASTUntyped(node.value, variables);
    const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
    if (!empty) found[node.name.value] = value;
  };
  visit(document, {
    Field: {
      enter: (node) => {
        if (depth++ === 0) node.arguments?.forEach(take);
      },
    },
  });
  return found;
}

describe('the GraphQL client', () => {
  it('has only documents the schema of the API accepts', () => {
    const schema = buildSchema(readFileSync(new URL('./golden/schema.graphql', import.meta.url), 'utf8'));
    for (const document of [UPSERT_NODE, UPSERT_EDGE, DELETE_NODE])
      expect(validate(schema, parse(document))).toEqual([]);
  });

  const cases = golden.filter((one) =>
    ['createOrUpdateLineageNode', 'createOrUpdateLineageEdge', 'deleteLineageNode'].includes(one.input.operation ?? ''),
  );
  it.each(cases.map((one) => [one.name, one] as const))('asks for the same as the SDK: %s', async (_name, one) => {
    const { gate, client } = await setup(() => ({ status: 400 }));
    const sdk = argumentsOf(parse(one.request.body.query), {});
    const expireAt = typeof sdk['expireAt'] === 'string' ? sdk['expireAt'] : NEVER;
    if (one.input.operation === 'deleteLineageNode') await client.deleteNode(String(sdk['mcon']));
    else if (one.input.operation === 'createOrUpdateLineageEdge')
      await client.upsertEdge({ edgeType: 'IS_DOWNSTREAM', ...sdk } as unknown as EdgeInputSpec, expireAt);
    else {
      const pairs = (sdk['properties'] ?? []) as readonly { propertyName: string; propertyValue: string }[];
      const properties = Object.fromEntries(pairs.map((pair) => [pair.propertyName, pair.propertyValue]));
      await client.upsertNode({ ...sdk, properties } as unknown as NodeInputSpec, expireAt);
    }
    const body = JSON.parse(gate.seen[0]?.text ?? '');
    const always = one.input.operation === 'deleteLineageNode' ? {} : { expireAt };
    const edge = one.input.operation === 'createOrUpdateLineageEdge' ? { edgeType: 'IS_DOWNSTREAM' } : {};
    expect(argumentsOf(parse(body.query), body.variables)).toEqual({ ...edge, ...sdk, ...always });
    expect(gate.seen[0]).toMatchObject({ method: 'POST', path: '/graphql' });
  });

  it('sends the API key and never the ingestion key, with the headers of the SDK', async () => {
    const { gate, client } = await setup(() => nodeMade);
    await client.upsertNode(NODE, NEVER);
    expect(Object.keys(gate.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-mcd-id',
      'x-mcd-session-id',
      'x-mcd-telemetry-reason',
      'x-mcd-token',
      'x-mcd-trace-id',
    ]);
    expect(gate.seen[0]?.headers).toMatchObject({
      'x-mcd-id': 'graphql-key-id',
      'x-mcd-token': GRAPHQL_TOKEN,
      'user-agent': 'mc-ingest/0.1.0',
    });
  });

  it('returns the handles of what was made', async () => {
    const replies = [
      nodeMade,
      made({ createOrUpdateLineageEdge: { edge: { source: { mcon: 'a' }, destination: { mcon: 'b' } } } }),
      made({ deleteLineageNode: { objectsDeleted: 3 } }),
    ];
    const { client } = await setup((_, index) => replies[index] ?? {});
    expect(await client.upsertNode(NODE, NEVER)).toMatchObject({ status: 'accepted', data: { mcon: MCON } });
    expect(await client.upsertEdge(EDGE, NEVER)).toMatchObject({
      status: 'accepted',
      data: { source: 'a', destination: 'b' },
    });
    expect(await client.deleteNode(MCON)).toMatchObject({
      status: 'accepted',
      data: { mcon: MCON, objectsDeleted: 3 },
    });
  });

  it.each([
    [
      'errors',
      { data: null, errors: [{ message: 'not found', extensions: { code: 'NOT_FOUND' } }] },
      'refused',
      'MCI430',
      1,
    ],
    [
      'errors beside data',
      { data: { createOrUpdateLineageNode: { node: { mcon: MCON } } }, errors: [{ message: 'partly' }] },
      'refused',
      'MCI430',
      1,
    ],
    [
      'REQUEST_TIMEOUT',
      { errors: [{ message: 'late', extensions: { code: 'REQUEST_TIMEOUT' } }] },
      'in_doubt',
      'MCI423',
      3,
    ],
    [
      'REQUEST_IN_PROGRESS',
      { errors: [{ message: 'runs', extensions: { code: 'REQUEST_IN_PROGRESS' } }] },
      'in_doubt',
      'MCI432',
      5,
    ],
    ['no mcon', { data: { createOrUpdateLineageNode: { node: {} } } }, 'in_doubt', 'MCI431', 3],
    ['no data', {}, 'in_doubt', 'MCI431', 3],
  ])('does not count a 200 with %s as done', async (_name, body, status, code, attempts) => {
    const { client } = await setup(() => ({ status: 200, body: JSON.stringify(body) }));
    expect(await client.upsertNode(NODE, NEVER)).toMatchObject({ status, code, attempts });
  });

  it.each([
    ['a cut connection', { drop: 'after' as const }],
    ['a 502', { status: 502 }],
    ['REQUEST_TIMEOUT', { status: 200, body: '{"errors":[{"message":"x","extensions":{"code":"REQUEST_TIMEOUT"}}]}' }],
  ])('never sends a delete twice: %s', async (_name, reply) => {
    const { gate, client } = await setup(() => reply);
    expect(await client.deleteNode(MCON)).toMatchObject({ status: 'in_doubt', attempts: 1 });
    expect(gate.seen.filter(({ text }) => text.includes('deleteLineageNode'))).toHaveLength(1);
  });

  it.each([
    ['gone', { baseNode: null }, 'accepted'],
    ['there', { baseNode: { mcon: MCON } }, 'in_doubt'],
  ])('looks after a delete in doubt whether the node is %s', async (_what, getTableLineage, status) => {
    const read = { status: 200, body: JSON.stringify({ data: { getTableLineage } }) };
    const { client } = await setup((_, index) => (index === 0 ? { drop: 'after' } : read));
    expect(await client.deleteNode(MCON)).toMatchObject({ status });
  });

  it('waits for a request that is still running', async () => {
    const running = { status: 200, body: '{"errors":[{"message":"x","extensions":{"code":"REQUEST_IN_PROGRESS"}}]}' };
    const { client, waits } = await setup((_, index) => (index < 2 ? running : nodeMade));
    expect(await client.upsertNode(NODE, NEVER)).toMatchObject({ status: 'accepted', attempts: 3 });
    expect(waits).toHaveLength(2);
  });

  it('names the API key when it is refused', async () => {
    const { client } = await setup(() => ({ status: 401, body: `{"message":"${GRAPHQL_TOKEN}"}` }));
    const result = await client.upsertNode(NODE, NEVER);
    expect(result).toMatchObject({ status: 'refused', keyRefused: true, code: 'MCI411' });
    expect(JSON.stringify(result)).toContain('the GraphQL API key (MCD_ID, MCD_TOKEN)');
    expect(JSON.stringify(result)).not.toContain(GRAPHQL_TOKEN);
  });
});
