import type { CodeText } from '../../errors.ts';

/** What can go wrong with a `file` source. */
export const FILE_CODES = {
  MCI601: {
    title: 'no file matches',
    text: 'The path, or the globs under `paths:`, name no file. They are relative to the folder of the configuration.\nAn export that did not run looks just like this: nothing was sent.',
  },
  MCI602: {
    title: 'the file is not what its format says',
    text: 'A JSON file has to hold one array, a CSV file a header and as many fields in each row.\nCorrect the file at the line that is named, or set `format:`. Nothing was sent.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
