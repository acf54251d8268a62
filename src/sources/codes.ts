import type { CodeText } from '../errors.ts';
import { EXEC_CODES } from './exec/codes.ts';
import { FILE_CODES } from './file/codes.ts';
import { POSTGRES_CODES } from './postgres/codes.ts';
import { SQL_CODES } from './sql/codes.ts';

/** What can go wrong with any source. */
export const SOURCE_CODES: Readonly<Record<string, CodeText>> = {
  MCI600: {
    title: 'no such kind of source',
    text: 'This version has no source of that type. `mc-ingest init --source` with any other word lists those it has.',
  },
  ...FILE_CODES,
  ...EXEC_CODES,
  ...POSTGRES_CODES,
  ...SQL_CODES,
};
