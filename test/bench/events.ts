/** Deterministic events in the form that is sent: tables of 20 columns, lineage of 1 to 3 sources, query logs of about 1.2 KB. */
const TABLES = 10_000;
const COLUMNS = 20;
const TYPES = ['NUMBER(38,0)', 'VARCHAR(16777216)', 'TIMESTAMP_NTZ(9)', 'BOOLEAN', 'FLOAT', 'VARIANT'];
const START = Date.parse('2026-03-01T00:00:00Z');

export type Flow = 'metadata' | 'lineage' | 'querylogs';

/** Whole numbers from 0 to `below`, the same ones in each run (mulberry32). */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function iso(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function ref(index: number) {
  return {
    type: 'TABLE',
    database: 'ANALYTICS',
    schema: `S${padded(index % 40, 2)}`,
    name: `TABLE_${padded(index, 5)}`,
  };
}

function asset(index: number, random: (below: number) => number): object {
  const { type, name, database, schema } = ref(index);
  const fields = Array.from({ length: COLUMNS }, (_, column) => ({
    name: `COLUMN_${padded(column, 2)}`,
    type: TYPES[random(TYPES.length)],
    ...(column % 4 === 0 ? { description: `Column ${column} of table ${index}` } : {}),
  }));
  const metadata = { name, database, schema, description: `Generated table ${index}`, created_on: iso(-index * 60) };
  const volume = { row_count: random(10 ** 8), byte_count: random(2 ** 32) };
  return { relational_asset: { type, metadata, fields, volume, freshness: { last_update_time: iso(index) } } };
}

function edge(index: number, random: (below: number) => number): object {
  const sources = Array.from({ length: 1 + (index % 3) }, () => ref(random(TABLES)));
  return { destination: ref(index % TABLES), sources };
}

function log(index: number, random: (below: number) => number): object {
  const columns = Array.from({ length: 37 }, (_, column) => `t.column_${padded(random(20), 2)} as c${column}`).join(
    ', ',
  );
  const into = `analytics.s${padded(index % 40, 2)}.table_${padded(index % TABLES, 5)}`;
  const from = `analytics.s${padded(index % 37, 2)}.table_${padded(random(TABLES), 5)}`;
  return {
    start_time: iso(index),
    end_time: iso(index + 3),
    query_text: `insert into ${into} select ${columns} from ${from} t where t.updated_at > '${iso(index)}'`,
    query_id: `01b2${padded(index, 12)}${padded(random(2 ** 31), 12)}`,
    user: `USER_${index % 50}`,
    returned_rows: random(10 ** 6),
    extra: { warehouse_name: 'TRANSFORM_WH', bytes_scanned: random(2 ** 32), role_name: 'TRANSFORMER' },
  };
}

const MAKERS = { metadata: asset, lineage: edge, querylogs: log } as const;

/** `count` events of a flow, one JSON text each. */
export function* eventLines(flow: Flow, count: number): Generator<string> {
  const random = numbers(7);
  const make = MAKERS[flow];
  for (let index = 0; index < count; index++) yield JSON.stringify(make(index, random));
}
