import { expect, it } from 'vitest';
import { LOG_TYPES as CONFIG } from '../../src/config/vocabulary.ts';
import { LOG_TYPES as MANIFEST } from '../../src/manifest/check-head.ts';

it('knows the same log types in the file and in a manifest', () => {
  expect([...MANIFEST].sort()).toEqual([...CONFIG].sort());
});
