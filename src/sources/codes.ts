import type { CodeText } from '../errors.ts';
import { EXEC_CODES } from './exec/codes.ts';
import { FILE_CODES } from './file/codes.ts';

/** What can go wrong with any source. */
export const SOURCE_CODES: Readonly<Record<string, CodeText>> = { ...FILE_CODES, ...EXEC_CODES };
