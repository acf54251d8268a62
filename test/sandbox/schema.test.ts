import { readFileSync } from 'node:fs';
import { buildSchema, lexicographicSortSchema, parse, printSchema, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import * as documents from '../../src/montecarlo/documents.ts';
import { loadSchema } from '../../src/sandbox/graphql.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const sorted = (text: string): string => printSchema(lexicographicSortSchema(buildSchema(text)));

describe('the schema of the sandbox', () => {
  it('says the same as the contract’s, which was taken from pycarlo 0.15.500', () => {
    expect(sorted(read('../../src/sandbox/schema.graphql'))).toBe(sorted(read('../montecarlo/golden/schema.graphql')));
  });

  it('accepts every document that the tool sends', () => {
    const schema = loadSchema();
    const all = Object.values(documents).filter((one) => typeof one === 'string');
    expect(all.length).toBeGreaterThan(2);
    for (const document of all) expect(validate(schema, parse(document))).toEqual([]);
  });
});
