import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MONTE_CARLO_CODES } from '../../src/montecarlo/codes.ts';

const folder = new URL('../../src/montecarlo/', import.meta.url);
const used = readdirSync(folder)
  .filter((name) => name !== 'codes.ts')
  .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').match(/(?<=')MCI4\d\d(?=')/g) ?? []);

describe('the codes of this folder', () => {
  it('are explained, every one that is raised and no other', () => {
    expect(Object.keys(MONTE_CARLO_CODES).sort()).toEqual([...new Set(used)].sort());
  });
});
