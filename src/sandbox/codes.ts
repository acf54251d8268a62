import type { CodeText } from '../errors.ts';

/** What can keep the sandbox from starting. */
export const SANDBOX_CODES = {
  MCI901: {
    title: 'the sandbox cannot listen',
    text: 'The address or the port is taken by another program, or may not be used by this one.\nLeave --port away (any free port is taken), or give another one.',
  },
  MCI902: {
    title: 'the folder of the sandbox cannot be used',
    text: 'The folder given with --data could not be made, read or written. Nothing was lost: what was kept is in its file sandbox.ndjson.\nCheck that it is a folder and that you may write there.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
