import type { SourceType } from './config/types.ts';
import { execType } from './sources/exec/type.ts';
import { fileType } from './sources/file/type.ts';
import type { Source } from './sources/source.ts';

/** What the configuration knows of each kind of source, by the name that `type:` takes. Imports no driver. */
export const SOURCE_TYPES: Readonly<Record<string, SourceType>> = {
  file: fileType,
  exec: execType,
};

/** How each kind of source is loaded, when a source of that kind is opened and never before. */
export const SOURCES: Readonly<Record<string, () => Promise<Source>>> = {
  file: async () => (await import('./sources/file/index.ts')).fileSource,
  exec: async () => (await import('./sources/exec/index.ts')).execSource,
};
