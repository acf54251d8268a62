import type { CodeText } from '../errors.ts';

/** What can be wrong with what is selected. */
export const PLAN_CODES = {
  MCI310: {
    title: 'a selection matches nothing',
    text: 'A pattern of --select or --exclude fits no node, edge or flow, neither in the file nor in the state. It is an error, because a selection with a misspelt name would silently do nothing.\nPatterns: a key (node:orders), a bare name, a glob (stg_*), flow:…, source:…, node:…, edge:…, tag:…; +x adds what x needs, x+ what needs x; a,b takes what both fit; several patterns add up.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
