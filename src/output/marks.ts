import type { Action } from '../plan/types.ts';

/** The same marks everywhere; plain ASCII when the terminal is not UTF-8. Colour only repeats what the mark says. */
export interface Mark {
  readonly utf8: string;
  readonly ascii: string;
  readonly paint: 'green' | 'yellow' | 'red' | 'cyan' | 'dim';
}

export const MARKS: Readonly<Record<Action, Mark>> = {
  create: { utf8: '+', ascii: '+', paint: 'green' },
  update: { utf8: '~', ascii: '~', paint: 'yellow' },
  renew: { utf8: '⟳', ascii: 'r', paint: 'cyan' },
  recreate: { utf8: '+', ascii: '+', paint: 'green' },
  replace: { utf8: '±', ascii: '%', paint: 'yellow' },
  delete: { utf8: '-', ascii: '-', paint: 'red' },
  forget: { utf8: '-', ascii: '-', paint: 'dim' },
  push: { utf8: '→', ascii: '>', paint: 'cyan' },
  wait: { utf8: '…', ascii: '.', paint: 'dim' },
  keep: { utf8: '=', ascii: '=', paint: 'dim' },
};
