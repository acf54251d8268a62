import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber, parseExact, printExact } from '../../src/sandbox/exact.ts';

describe('JSON with every digit', () => {
  it('keeps integers and decimals that a number would round', () => {
    const text = '{"a":9007199254740993,"b":[-12345678901234567890,0.12345678901234567891],"c":"9007199254740993"}';
    expect(printExact(parseExact(text))).toBe(text);
    expect(parseExact(text)).toMatchObject({ a: new ExactNumber('9007199254740993'), c: '9007199254740993' });
  });

  it('gives strings back as they are, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.bigInt(), (text, number) => {
        const json = `{"text":${JSON.stringify(text)},"mark":"\\u0001exact:n5","number":${number}}`;
        const value = parseExact(json) as { text: string; mark: string };
        expect(value.text).toBe(text);
        expect(value.mark).toBe('\u0001exact:n5');
        expect(printExact(value)).toContain(`"number":${number}`);
      }),
    );
  });

  it('prints for people, and reads that back as the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
        expect(JSON.parse(printExact(value, '\n'))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => parseExact('{"a":01}')).toThrow(SyntaxError);
  });
});
