import type { SourceType } from './config/types.ts';
import type { Connectors } from './sources/connection.ts';
import { execType } from './sources/exec/type.ts';
import { fileType } from './sources/file/type.ts';
import { postgresType } from './sources/postgres/type.ts';
import type { Source } from './sources/source.ts';
import { sqlType } from './sources/sql/type.ts';

/** What the configuration knows of each kind of source, by the name that `type:` takes. Imports no driver. */
export const SOURCE_TYPES: Readonly<Record<string, SourceType>> = {
  postgres: postgresType,
  sql: sqlType,
  file: fileType,
  exec: execType,
};

/** The connections that `sql` can use. */
const CONNECTORS: Connectors = {
  postgres: async () => (await import('./sources/postgres/connector.ts')).postgresConnector,
};

/** How each kind of source is loaded, when a source of that kind is opened and never before. */
export const SOURCES: Readonly<Record<string, () => Promise<Source>>> = {
  postgres: async () => (await import('./sources/postgres/index.ts')).postgresSource,
  sql: async () => (await import('./sources/sql/index.ts')).sqlSource(CONNECTORS),
  file: async () => (await import('./sources/file/index.ts')).fileSource,
  exec: async () => (await import('./sources/exec/index.ts')).execSource,
};
