import type { CodeText } from '../errors.ts';
import { CONFIG_FILE_CODES } from './codes-files.ts';

/** Codes of the rules that know Monte Carlo: MCI200 to MCI299. */
const RULE_CODES = {
  MCI201: {
    title: 'unknown source',
    text: `A flow names a source that is not declared under \`sources\`.
Correct the name, or declare the source.`,
  },
  MCI202: {
    title: 'unknown resource',
    text: `A source, node or edge names a resource that is not declared under \`resources\`.
\`resource\` is a name of this file, whose UUID is sent; \`resourceName\` is a name that Monte Carlo knows.`,
  },
  MCI203: {
    title: 'two nodes are the same object',
    text: `Monte Carlo identifies a node by objectType, objectId and resource. Two entries with the same three are one node:
each apply would overwrite one with the other.
Remove one, or give it its own objectId.`,
  },
  MCI204: {
    title: 'an edge outlives its end',
    text: `When a node lapses, Monte Carlo removes its edges with it, whatever their own \`expireAt\` says.
An edge that is to live longer than one of its ends will be gone without a word.
Shorten the edge, or let the node live longer. Durations such as 30d are renewed by apply and are not compared.`,
  },
  MCI205: {
    title: 'an edge to a node that is not declared',
    text: `An end of an edge that is a plain name must be a node under \`lineage.nodes\`.
For a table write \`{ table: DATABASE.SCHEMA.TABLE, resource: NAME }\`; for any other object \`{ objectType, objectId, resourceName }\`.`,
  },
  MCI206: {
    title: 'log_type is not legal',
    text: `Query logs are pushed under a log_type that Monte Carlo knows: snowflake, bigquery, databricks,
databricks-metastore-sql-warehouse, redshift, hive-s3 (never hive), athena, teradata, clickhouse, s3, presto-s3.
Anything else is accepted with a 202 and dropped afterwards, so it is refused here. Flows of other kinds have no log_type.`,
  },
  MCI207: {
    title: 'no log_type for this source',
    text: `Monte Carlo documents no log_type for this kind of source. PostgreSQL is one of them: its query logs would be accepted
with a 202 and then dropped ("Unsupported ingest query-log log_type").
If Monte Carlo's support named one for your account, map it: \`log_types: { postgres: VALUE }\`, or set \`log_type\` on the flow. Else remove the flow.`,
  },
  MCI208: {
    title: 'the source cannot collect this',
    text: `Not every kind of source has every kind of data; the message says why.
Column lineage of PostgreSQL, for one, needs the SQL of views to be parsed and comes with SQL lineage; table lineage is there now.
Take another \`collect\`, or push it from a \`file\` or \`exec\` source.`,
  },
  MCI209: {
    title: 'column lineage is pushed too rarely',
    text: `Monte Carlo drops column lineage 10 days after it was pushed. A flow that pushes more rarely leaves gaps in between.
Set \`every\` to 7d or less, so that one failed run does no harm.`,
  },
  MCI210: {
    title: 'a flow runs more often than hourly',
    text: `Detectors aggregate into hourly buckets, and a resource takes one push an hour. More pushes blur the hour instead of sharpening it.
Set \`every\` to 1h or more.`,
  },
  MCI211: {
    title: 'a table is not written database:schema.table',
    text: `A custom edge finds a table by its objectId, which is \`database:schema.table\`: a colon after the database, a dot after the schema.
With another form Monte Carlo makes a new, empty object and the edge hangs in the air.
\`{ table: DATABASE.SCHEMA.TABLE }\` is turned into that form for you.`,
  },
  MCI212: {
    title: 'two flows push the same tables',
    text: `Two flows collect the same kind of data from overlapping tables for the same resource.
The later push of an hour overwrites the earlier, and a resource takes one push an hour anyway.
Remove one, or make the \`include\` patterns of their sources disjoint.`,
  },
  MCI213: {
    title: 'expireAt is missing',
    text: `Without \`expireAt\` Monte Carlo drops a custom node or edge after 7 days, silently: lineage that looked right after the push is gone a week later.
So it is required, on the item or once in \`lineage.defaults\`:
\`never\` (9999-12-31), a date, a date-time with offset, or a duration such as \`30d\`, which apply renews before it lapses.`,
  },
  MCI214: {
    title: 'expireAt is in the past',
    text: `The item would lapse at once. That is how edges are retired, but it is seldom meant in a file.
Remove the item, and apply retires it; or give it a later time.`,
  },
  MCI215: {
    title: 'expireAt is not understood',
    text: `Taken are \`never\`, a date (\`2031-05-01\`, midnight UTC), a date-time with offset (\`2031-05-01T12:00:00+02:00\`),
and a duration of minutes, hours, days or weeks (\`30d\`). The date must exist.`,
  },
  MCI216: {
    title: 'unknown resource_type',
    text: `resource_type says what the connection of the resource is, in the words of Monte Carlo: snowflake, bigquery, databricks, redshift,
data-lake, athena, teradata, clickhouse, transactional-db and others. This one is none of those known.
It is a warning, because Monte Carlo may know more; a wrong one makes pushes vanish after the 202.`,
  },
  MCI217: {
    title: 'a source without a resource',
    text: `What is collected is pushed to a resource: a warehouse in Monte Carlo, by its UUID. This source names none.
Set \`resource: NAME\` on the source, declare exactly one resource, or set MCD_RESOURCE_UUID (or MCD_RESOURCE_UUID_FILE).`,
  },
  MCI218: {
    title: 'the property mc_ingest is reserved',
    text: `Nodes carry the property \`mc_ingest\` = project/name: the API cannot list custom nodes, and by this mark a lost state is found again.
Give your property another name. \`lineage.mark: false\` leaves the mark out.`,
  },
  MCI219: {
    title: 'resource and resourceName together',
    text: `\`resource\` names an entry of this file, whose UUID is sent; \`resourceName\` is a name Monte Carlo resolves. Both could mean different warehouses.
Keep one.`,
  },
  MCI220: {
    title: 'the same edge twice',
    text: `Two entries have the same ends. They are one edge: each apply would overwrite one with the other.
Remove one.`,
  },
  MCI221: {
    title: 'a setting that this flow does not have',
    text: `Flows take settings of their kind of source (a \`sql\` flow its query, for one). This one belongs to another kind.
Remove it, or move it to the flow it is meant for.`,
  },
  MCI223: {
    title: 'no such connection',
    text: 'A source that uses the connection of another has to name one under `sources:` that runs queries.\nsources: { shop: { type: postgres, … }, own: { type: sql, connection: shop } }',
  },
  MCI224: {
    title: 'the flow lacks a setting of its source',
    text: 'Flows on some kinds of source carry a setting of their own: on a sql source the query.\nflows: { logs: { source: own, collect: query_logs, query: "SELECT …" } }',
  },
  MCI222: {
    title: 'not a UUID',
    text: `A resource is identified by a UUID of 32 hexadecimal digits, such as 3fa85f64-5717-4562-b3fc-2c963f66afa6.
Monte Carlo shows it in the settings of the integration. If it comes from a variable, look at the variable's value.`,
  },
} as const satisfies Readonly<Record<string, CodeText>>;

/** Every code of the configuration, with its long text. */
export const CONFIG_CODES = { ...CONFIG_FILE_CODES, ...RULE_CODES };
