import type { Connector } from '../connection.ts';
import { loadDrivers, openClient } from './client.ts';
import { settingsOf } from './settings.ts';

/** Lets other sources run a query on a PostgreSQL connection: read-only, through a cursor, times bound as timestamptz. */
export const postgresConnector: Connector = {
  type: 'postgres',
  async connect(open) {
    const settings = settingsOf(open);
    const drivers = await loadDrivers();
    const client = await openClient({ name: open.name, settings, drivers, signal: open.signal });
    return {
      async query(statement, values) {
        const names = [...new Set(statement.flatMap((part) => (typeof part === 'string' ? [] : [part.bind])))];
        const text = statement
          .map((part) => (typeof part === 'string' ? part : `$${names.indexOf(part.bind) + 1}::timestamptz`))
          .join('');
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return client.stream(
          text,
          names.map((name) => values[name] ?? null),
        );
      },
      close: () => client.close(),
    };
  },
};
