import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutQueryText, QUERY_TEXT_BYTES } from '../../src/manifest/cut.ts';

const line = (query_text: string, more = '') => `{"query_text":${JSON.stringify(query_text)},"user":"u"${more}}`;
const MARK = / \/\* mc-ingest: cut here, (\d+) of (\d+) characters are left out \*\/$/;

describe('a query text over the limit', () => {
  it('is cut to the limit and says how much is missing, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 50, max: 600 }),
        fc.integer({ min: 150, max: 900 }),
        (part, times, limit) => {
          const text = part.repeat(times);
          const cut: { query_text: string } = JSON.parse(cutQueryText(line(text), limit));
          if (Buffer.byteLength(JSON.stringify(text)) <= limit) {
            expect(cut.query_text).toBe(text);
            return;
          }
          expect(Buffer.byteLength(JSON.stringify(cut.query_text))).toBeLessThanOrEqual(limit);
          const [mark = '', missing, all] = MARK.exec(cut.query_text) ?? [];
          const kept = cut.query_text.slice(0, -mark.length);
          expect(text.startsWith(kept)).toBe(true);
          expect([Number(missing), Number(all)]).toEqual([text.length - kept.length, text.length]);
          expect(kept).not.toMatch(/[\ud800-\udbff]$/);
        },
      ),
    );
  });

  it('leaves everything else of the event as it was, integers of any size too', () => {
    const long = 'x'.repeat(QUERY_TEXT_BYTES + 1);
    const cut = cutQueryText(line(long, ',"returned_rows":9007199254740993,"extra":{"a":null}'));
    expect(cut).toContain('"returned_rows":9007199254740993,"extra":{"a":null}');
    expect(cut.length).toBeLessThan(QUERY_TEXT_BYTES + 100);
  });

  it('is what is looked at, not the length of the event', () => {
    const event = line('select 1', `,"extra":{"a":"${'x'.repeat(QUERY_TEXT_BYTES)}"}`);
    expect(cutQueryText(event)).toBe(event);
  });
});
