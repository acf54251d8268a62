import { McIngestError } from '../../errors.ts';
import type { Noun } from '../../model.ts';
import { isSecret, type Option } from '../../secret.ts';
import type { Connection, Connectors, Result, Row, Statement } from '../connection.ts';
import type { Collection, CollectRequest, OpenOptions, Session, Source } from '../source.ts';
import { CellError } from './cells.ts';
import { COLUMN_SETS, columnProblems } from './columns.ts';
import { groupingOf } from './group.ts';
import { bindsOf, statementOf } from './parameters.ts';

/** Where the window begins when there was no run before. */
const BEGINNING = '1970-01-01T00:00:00.000Z';

interface Named {
  readonly name: string;
  readonly type: string;
  readonly options: OpenOptions['options'];
}

function isMap(option: Option | undefined): option is { readonly [key: string]: Option } {
  return typeof option === 'object' && option !== null && !Array.isArray(option) && !isSecret(option);
}

/** The source that `connection:` names, as the configuration put it there. */
function connectionOf({ name, options }: OpenOptions): Named {
  const found = options['connection'];
  if (isMap(found) && typeof found['name'] === 'string' && typeof found['type'] === 'string' && isMap(found['options']))
    return { name: found['name'], type: found['type'], options: found['options'] };
  throw new McIngestError('MCI632', 'config', `source ${name}: connection names no source of the file`);
}

function queryOf({ options, collect }: CollectRequest, name: string): Statement {
  const query = options['query'];
  if (typeof query !== 'string' || query.trim() === '')
    throw new McIngestError('MCI632', 'config', `source ${name}: the flow for ${collect} has no query`);
  const statement = statementOf(query);
  if (collect !== 'query_logs' && bindsOf(statement).length > 0)
    throw new McIngestError('MCI632', 'config', `source ${name}: :from and :to are for query_logs`, {
      fix: `a query for ${collect} tells everything that is there`,
    });
  return statement;
}

function checkColumns({ columns }: Result, { collect }: CollectRequest, name: string): void {
  const set = COLUMN_SETS[collect];
  if (set === undefined) throw new TypeError(`there is no query for ${collect}`);
  const problems = columnProblems(set, columns);
  if (problems.length === 0) return;
  const more = set.others ? '; any other column goes into extra' : '';
  throw new McIngestError('MCI630', 'config', `source ${name}: the query for ${collect}: ${problems.join('; ')}`, {
    fix: `${collect} takes ${set.required.join(', ')}; optional: ${set.optional.join(', ')}${more}`,
  });
}

/** Rows with their names in lower case, as the columns are compared. */
function lowered(columns: readonly string[]): (row: Row) => Row {
  if (columns.every((name) => name === name.toLowerCase())) return (row) => row;
  return (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}

async function* eventsOf(result: Result, { collect }: CollectRequest, name: string): AsyncGenerator<Noun> {
  const grouping = groupingOf(collect);
  const plain = lowered(result.columns);
  let number = 0;
  try {
    for await (const rows of result.rows)
      for (const row of rows) {
        number += 1;
        const event = grouping.add(plain(row));
        if (event !== null) yield event;
      }
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    throw new McIngestError('MCI631', 'failed', `source ${name}: row ${number} of ${collect}: ${error.message}`);
  }
  const last = grouping.end();
  if (last !== null) yield last;
}

function collectFrom(connection: Connection, request: CollectRequest, name: string): Collection {
  const { from, to } = request;
  async function* rows(): AsyncGenerator<Noun> {
    const values = { from: from ?? BEGINNING, ...(to === undefined ? {} : { to }) };
    const result = await connection.query(queryOf(request, name), values);
    checkColumns(result, request, name);
    yield* eventsOf(result, request, name);
  }
  const window = to === undefined ? {} : { watermark: { to, ...(from === undefined ? {} : { from }) } };
  return { rows: rows(), end: () => ({ complete: true, missing: [], ...window }) };
}

/**
 * A person's own queries on a connection of the file. What a query gives is taken as everything there is. `connectors`
 * are the kinds of sources that can run one; they come from the registry.
 */
export function sqlSource(connectors: Connectors): Source {
  return {
    type: 'sql',
    async open(opened): Promise<Session> {
      const { name, type, options } = connectionOf(opened);
      const load = Object.hasOwn(connectors, type) ? connectors[type] : undefined;
      if (load === undefined)
        throw new McIngestError('MCI632', 'config', `source ${opened.name}: a ${type} source runs no queries`);
      const connector = await load();
      const connection = await connector.connect({ ...opened, name, options });
      return {
        collect: (request) => collectFrom(connection, request, opened.name),
        close: () => connection.close(),
      };
    },
  };
}
