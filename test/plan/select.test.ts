import { describe, expect, it } from 'vitest';
import { McIngestError } from '../../src/errors.ts';
import { select } from '../../src/plan/select.ts';
import { edge, flow, node, stateOf, tableEnd } from './support.ts';

const [a, b, c] = [node('stg_a', { tags: ['core'] }), node('stg_b'), node('c')];
const desired = [
  a,
  b,
  c,
  edge(a, b),
  edge(b, tableEnd('t')),
  flow('pg_meta'),
  flow('lake', { source: 'lake', needs: ['flow:pg_meta'] }),
];

function chosen(wanted: readonly string[], exclude: readonly string[] = [], items = {}): readonly string[] {
  return [...select({ desired, items }, { select: wanted, exclude })].sort();
}

function failure(word: string): McIngestError {
  try {
    chosen([word]);
  } catch (error) {
    if (error instanceof McIngestError) return error;
  }
  throw new Error(`${word} matched`);
}

describe('--select and --exclude', () => {
  it.each([
    ['node:stg_a', ['node:stg_a']],
    ['stg_a', ['node:stg_a']],
    ['stg_*', ['edge:stg_a->stg_b', 'edge:stg_b->table:db:public.t', 'node:stg_a', 'node:stg_b']],
    ['node:stg_?', ['node:stg_a', 'node:stg_b']],
    ['node:*', ['node:c', 'node:stg_a', 'node:stg_b']],
    ['flow:*', ['flow:lake', 'flow:pg_meta']],
    ['edge:*->table:*', ['edge:stg_b->table:db:public.t']],
    ['edge:stg_a->stg_b', ['edge:stg_a->stg_b']],
    ['source:lake', ['flow:lake']],
    ['tag:co*', ['node:stg_a']],
    ['+edge:stg_a->stg_b', ['edge:stg_a->stg_b', 'node:stg_a', 'node:stg_b']],
    ['node:stg_a+', ['edge:stg_a->stg_b', 'node:stg_a']],
    ['+flow:lake', ['flow:lake', 'flow:pg_meta']],
    ['+node:stg_b+', ['edge:stg_a->stg_b', 'edge:stg_b->table:db:public.t', 'node:stg_b']],
    ['node:*,tag:core', ['node:stg_a']],
  ])('%s picks what it says', (word, keys) => {
    expect(chosen([word])).toEqual(keys);
  });

  it('adds several patterns up, and takes away what is excluded', () => {
    expect(chosen(['node:*', 'flow:lake'], ['tag:core', 'c'])).toEqual(['flow:lake', 'node:stg_b']);
    expect(chosen([], ['edge:*', 'node:*'])).toEqual(['flow:lake', 'flow:pg_meta']);
  });

  it('sees what only the state has, so that a deletion can be picked', () => {
    expect(chosen(['node:gone'], [], stateOf([node('gone')]).items)).toEqual(['node:gone']);
  });

  it('refuses a pattern that matches nothing, and asks what was meant', () => {
    expect(failure('node:stg_aa')).toMatchObject({
      code: 'MCI310',
      message: 'node:stg_aa matches nothing',
      fix: 'did you mean node:stg_a?',
    });
    expect(failure('something-else').fix).toContain('state list');
    expect(failure('').message).toBe('an empty pattern matches nothing');
  });

  it('takes a dot and other signs for themselves', () => {
    expect(failure('node:stg.a').code).toBe('MCI310');
    expect(failure('tag:(core').code).toBe('MCI310');
  });
});
