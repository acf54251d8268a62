import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digest, digestOfList } from '../../src/plan/digest.ts';

describe('the canonical form', () => {
  it('orders members, leaves undefined ones out, and is JSON', () => {
    expect(canonical({ b: [1, undefined, { d: null, c: 'x"' }], a: undefined, é: true })).toBe(
      '{"b":[1,null,{"c":"x\\"","d":null}],"é":true}',
    );
  });

  it('is the same for a list as a whole and piece by piece', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        expect(digestOfList(values)).toBe(digest(values));
      }),
    );
    const long = Array.from({ length: 3_000 }, (_, index) => ({ name: `é${index}`, text: 'x'.repeat(100) }));
    expect(digestOfList(long)).toBe(digest(long));
  });

  it('reads back as what it was made of, in any order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(digest(turned)).toBe(digest(value));
      }),
    );
  });
});
