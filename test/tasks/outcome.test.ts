import { describe, expect, it } from 'vitest';
import type { RunChange } from '../../src/state/types.ts';
import { outcomeOf, runExit } from '../../src/tasks/outcome.ts';

function row(status: RunChange['status'], code?: string): RunChange {
  return {
    key: 'node:a',
    action: 'create',
    status,
    receipts: [],
    ...(code === undefined ? {} : { error: { code, message: 'x' } }),
  };
}

const UNAVAILABLE = new Set(['MCI429']);

describe('runExit', () => {
  it.each([
    ['all done', [row('done')], null, 'done'],
    ['nothing but waiting', [row('waiting')], null, 'done'],
    ['some done, some failed', [row('done'), row('failed', 'MCI400')], null, 'partial'],
    ['all failed', [row('failed', 'MCI400')], null, 'failed'],
    ['a refused key and nothing done', [row('failed', 'MCI412')], null, 'key_refused'],
    ['a refused key after something was done', [row('done'), row('failed', 'MCI412')], null, 'partial'],
    ['throttled and nothing done', [row('failed', 'MCI429')], null, 'unavailable'],
    [
      'something in doubt, whatever else',
      [row('done'), row('failed', 'MCI412'), row('unknown', 'MCI420')],
      null,
      'in_doubt',
    ],
    ['a guard of the counts', [row('failed', 'MCI350')], null, 'guarded'],
    ['SIGINT', [row('done')], 'SIGINT', 'interrupted'],
    ['SIGTERM', [row('done')], 'SIGTERM', 'terminated'],
  ] as const)('%s', (_name, rows, interrupted, exit) => {
    expect(runExit({ rows, interrupted, unavailable: UNAVAILABLE })).toBe(exit);
  });
});

describe('outcomeOf', () => {
  it('calls a refused guard refused and a signal interrupted', () => {
    expect([outcomeOf('guarded'), outcomeOf('terminated'), outcomeOf('key_refused')]).toEqual([
      'refused',
      'interrupted',
      'failed',
    ]);
  });
});
