import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grouped } from '../src/grouped.ts';

test('a whole number is grouped as English does it', () => {
  expect([0, 7, 999, 1_000, 12_345, 1_000_000].map(grouped)).toEqual(['0', '7', '999', '1,000', '12,345', '1,000,000']);
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      expect(grouped(count)).toBe(count.toLocaleString('en'));
    }),
  );
});
