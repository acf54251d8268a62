import type { CodeText } from '../../errors.ts';

/** What can go wrong with an `exec` source. */
export const EXEC_CODES = {
  MCI603: {
    title: 'no command',
    text: 'An exec source needs `command:`, a list of the program and its arguments. No shell reads it.',
  },
  MCI604: {
    title: 'the program did not finish',
    text: 'It could not be started, ended with a status other than 0, or did not write its last line {"end": true, "events": N, "complete": …}.\nWhat it wrote may be cut off, so nothing is pushed from it. Its own messages stand above.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
