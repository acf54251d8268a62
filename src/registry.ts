import type { SourceType } from './config/types.ts';

/** What the configuration knows of each kind of source, by the name that `type:` takes. */
export const SOURCE_TYPES: Readonly<Record<string, SourceType>> = {};
