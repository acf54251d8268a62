import type { Asset, AssetRef, Column, Lineage, Noun } from '../../model.ts';
import type { Row } from '../connection.ts';
import { CellError, nameCell } from './cells.ts';
import { assetOf, columnOf, endOf, logOf } from './rows.ts';

/** Joins rows that belong to one event. `add` gives the event that is finished, `end` the last one. */
export interface Grouping {
  add(row: Row): Noun | null;
  end(): Noun | null;
}

type Name = Pick<AssetRef, 'database' | 'schema' | 'name'>;

function keyOf({ database, schema, name }: Name): string {
  return JSON.stringify([database, schema, name]);
}

/** Refuses rows of a table that come in two places: the later would replace the earlier in Monte Carlo. */
function onlyOnce(): (key: string) => void {
  const seen = new Set<string>();
  return (key) => {
    if (seen.has(key))
      throw new CellError(
        `${JSON.parse(key).join('.')} came before: rows of one table follow each other, add an ORDER BY`,
      );
    seen.add(key);
  };
}

function assets(): Grouping {
  let open: { readonly key: string; readonly asset: Asset; readonly fields: Column[]; readonly rows: boolean } | null =
    null;
  const once = onlyOnce();
  const finished = (): Asset | null =>
    open === null ? null : open.rows ? { ...open.asset, fields: open.fields } : open.asset;
  return {
    add(row) {
      const asset = assetOf(row);
      const field = columnOf(row);
      const key = keyOf(asset);
      if (open?.key === key && open.rows && field !== null) {
        open.fields.push(field);
        return null;
      }
      once(key);
      const done = finished();
      open = { key, asset, fields: field === null ? [] : [field], rows: field !== null };
      return done;
    },
    end: finished,
  };
}

interface Ids {
  readonly sources: Map<string, AssetRef>;
  readonly columns: Map<string, Map<string, { readonly asset: string; readonly field: string }>>;
}

function note(ids: Ids, row: Row): void {
  const source = endOf(row, 'source');
  const asset = keyOf(source);
  if (!ids.sources.has(asset)) ids.sources.set(asset, source);
  if (row['destination_column'] === undefined) return;
  const [to, field] = [nameCell(row, 'destination_column'), nameCell(row, 'source_column')];
  const mapped = ids.columns.get(to) ?? new Map<string, { asset: string; field: string }>();
  mapped.set(JSON.stringify([asset, field]), { asset, field });
  ids.columns.set(to, mapped);
}

/** A lineage event with its columns, as it is sent: sources have local ids that the columns refer to. */
function columnEvent(destination: AssetRef, { sources, columns }: Ids): Noun {
  const ids = new Map([...sources.keys()].map((key, index) => [key, `s${index + 1}`]));
  const plain = ({ type, name, database, schema }: AssetRef) => ({ type, name, database, schema });
  const event = {
    destination: plain(destination),
    sources: [...sources].map(([key, source]) => ({ ...plain(source), asset_id: ids.get(key) })),
    fields: [...columns].map(([name, mapped]) => ({
      name,
      source_fields: [...mapped.values()].map(({ asset, field }) => ({ asset_id: ids.get(asset), field_name: field })),
    })),
  };
  return { noun: 'raw', text: JSON.stringify(event) };
}

function lineage(level: 'tables' | 'columns'): Grouping {
  let open: { readonly key: string; readonly destination: AssetRef; readonly ids: Ids } | null = null;
  const once = onlyOnce();
  const finished = (): Noun | null => {
    if (open === null) return null;
    if (level === 'columns') return columnEvent(open.destination, open.ids);
    return {
      noun: 'lineage',
      destination: open.destination,
      sources: [...open.ids.sources.values()],
    } satisfies Lineage;
  };
  return {
    add(row) {
      const destination = endOf(row, 'destination');
      const key = keyOf(destination);
      let done: Noun | null = null;
      if (open?.key !== key) {
        once(key);
        done = finished();
        open = { key, destination, ids: { sources: new Map(), columns: new Map() } };
      }
      note(open.ids, row);
      return done;
    },
    end: finished,
  };
}

/** How the rows of a kind of data become events. Only names of tables are held, and the event that is open. */
export function groupingOf(collect: string): Grouping {
  if (collect === 'metadata') return assets();
  if (collect === 'table_lineage') return lineage('tables');
  if (collect === 'column_lineage') return lineage('columns');
  return { add: logOf, end: () => null };
}
