import { expect, it } from 'vitest';
import type { PushSummary } from '../../src/montecarlo/push-types.ts';
import type { Change, FlowSpec, PushRecord } from '../../src/plan/types.ts';
import { pushRecord } from '../../src/tasks/push-record.ts';

const AT = '2026-12-01T10:00:00.000Z';
const SUMMARY: PushSummary = {
  receipts: [],
  events: 3,
  bytes: 1,
  requests: 1,
  refused: [],
  in_doubt: [],
  unreadable: null,
  unavailable: null,
  learned: {},
  stopped: false,
  key_refused: false,
};
const DOWN: PushSummary = {
  ...SUMMARY,
  unavailable: { from: 0, to: 3, code: 'MCI421', message: 'down', http_status: null, trace_id: null },
};

function change(collect: string, push: Partial<PushRecord>): Change {
  const spec: FlowSpec = { source: 's', collect, resource: 'r', resource_type: 't', every: 1, options: '' };
  const before = { last_pushed_at: null, last_full_at: null, events: 0, requests: 0, ...push };
  const item = { kind: 'flow', key: 'flow:f', spec } as const;
  return {
    key: 'flow:f',
    kind: 'flow',
    action: 'push',
    reason: 'due',
    reversibility: 'expires',
    after: { ...item, needs: [] },
    before: { ...item, run: 'r', applied_at: AT, push: before },
  };
}

it('gives column lineage ten days from a push that was accepted, and none from one that was not', () => {
  const of = change('column_lineage', { lapses_at: '2026-12-03T00:00:00.000Z' });
  const facts = { at: AT, stats: null, end: null };
  expect(pushRecord(of, { ...facts, summary: SUMMARY }).lapses_at).toBe('2026-12-11T10:00:00.000Z');
  expect(pushRecord(of, { ...facts, summary: DOWN })).toMatchObject({
    lapses_at: '2026-12-03T00:00:00.000Z',
    unfinished: true,
  });
});

it('moves the watermark only when the collect was complete and nothing of it is left', () => {
  const of = change('query_logs', { watermark: '2026-12-01T08:00:00.000Z' });
  const end = { complete: true, watermark: { to: '2026-12-01T09:00:00.000Z' } };
  const mark = (summary: PushSummary, complete = true): string | undefined =>
    pushRecord(of, { at: AT, stats: null, summary, end: { ...end, complete } }).watermark;
  expect(mark(SUMMARY)).toBe('2026-12-01T09:00:00.000Z');
  expect(mark(DOWN)).toBe('2026-12-01T08:00:00.000Z');
  expect(mark(SUMMARY, false)).toBe('2026-12-01T08:00:00.000Z');
});
