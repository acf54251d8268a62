import { describe, expect, it } from 'vitest';
import { changeOf, DAY, EMPTY, flow, HOUR, NOW, planOf, stateOf, UUID, work } from './support.ts';

const MINUTE = 60_000;
const f = flow('f');

function later(ms: number, desired = [f], pushed = [f]) {
  return changeOf(planOf(desired, stateOf(pushed), { now: NOW + ms }), desired.at(-1)?.key ?? '');
}

describe('flows', () => {
  it('pushes what was never pushed, in full', () => {
    expect(changeOf(planOf([f]), 'flow:f')).toMatchObject({ action: 'push', reason: 'never_pushed', mode: 'full' });
  });

  it('waits for the rest of the hour and says until when, then pushes', () => {
    expect(later(10 * MINUTE)).toMatchObject({
      action: 'wait',
      reason: 'second_push_in_the_hour',
      until: '2026-11-24T11:00:00.000Z',
    });
    expect(later(59 * MINUTE)).toMatchObject({ action: 'wait' });
    expect(later(HOUR)).toMatchObject({ action: 'push', reason: 'due', due_at: '2026-11-24T11:00:00.000Z' });
  });

  it('takes a job that starts a few seconds early for on time', () => {
    expect(later(HOUR - 40_000)).toMatchObject({ action: 'push', reason: 'due' });
  });

  it('waits until it is due where that is later than the hour', () => {
    const daily = flow('f', { every: DAY });
    expect(later(10 * MINUTE, [daily], [daily])).toMatchObject({
      reason: 'not_due',
      until: '2026-11-25T10:00:00.000Z',
    });
    expect(later(23 * HOUR, [daily], [daily])).toMatchObject({ action: 'wait', reason: 'not_due' });
  });

  it('lets another flow of the same resource and kind wait, whichever pushed', () => {
    const g = flow('g', { source: 'other' });
    expect(later(10 * MINUTE, [f, g], [f])).toMatchObject({ action: 'wait', until: '2026-11-24T11:00:00.000Z' });
  });

  it('lets other kinds and other resources go', () => {
    expect(later(10 * MINUTE, [f, flow('g', { collect: 'table_lineage' })], [f])).toMatchObject({ action: 'push' });
    expect(later(10 * MINUTE, [f, flow('g', { resource: UUID.replaceAll('1', '2') })], [f])).toMatchObject({
      action: 'push',
    });
  });

  it('pushes together what is due in the same run, metadata before lineage', () => {
    const lineage = flow('a', { collect: 'table_lineage', needs: ['flow:f'] });
    expect(work(planOf([lineage, f, flow('g')]))).toEqual([
      'push flow:f never_pushed',
      'push flow:g never_pushed',
      'push flow:a never_pushed',
    ]);
  });

  it('keeps a flow that left the file until its hour is over, where another one waits for it', () => {
    const g = flow('g');
    expect(work(planOf([g], stateOf([f]), { now: NOW + 10 * MINUTE }))).toEqual([]);
    expect(work(planOf([g], stateOf([f]), { now: NOW + HOUR }))).toEqual([
      'push flow:g never_pushed',
      'forget flow:f not_in_config',
    ]);
    expect(work(planOf([], stateOf([f]), { now: NOW + 10 * MINUTE }))).toEqual(['forget flow:f not_in_config']);
  });

  it('pushes a changed definition in full, and names what changed; a changed rhythm makes nothing due', () => {
    expect(
      later(2 * HOUR, [flow('f', { options: 'sha256:1', every: DAY })], [flow('f', { every: DAY })]),
    ).toMatchObject({
      action: 'push',
      reason: 'definition_changed',
      mode: 'full',
      fields: [{ path: 'options', before: 'sha256:0', after: 'sha256:1' }],
    });
    expect(later(2 * HOUR, [flow('f', { every: DAY })], [f])).toMatchObject({ action: 'wait', reason: 'not_due' });
  });

  it('sends counts and freshness until all is due again', () => {
    const thrifty = flow('f', { full_every: DAY });
    expect(later(HOUR, [thrifty], [thrifty])).toMatchObject({ mode: 'volume_freshness' });
    expect(later(DAY, [thrifty], [thrifty])).toMatchObject({ mode: 'full' });
  });

  it('goes on at once with a push that did not finish', () => {
    const state = stateOf([f]);
    const item = state.items['flow:f'];
    if (item?.kind !== 'flow') throw new Error('no flow');
    const left = { ...item, push: { ...item.push, unfinished: true } };
    expect(work(planOf([f], { ...state, items: { 'flow:f': left } }, { now: NOW + MINUTE }))).toEqual([
      'push flow:f unfinished',
    ]);
  });

  it('pushes column lineage again before its 10 days are over, and says what stays', () => {
    const columns = flow('f', { collect: 'column_lineage', every: 9 * DAY });
    const daily = flow('g', { every: DAY });
    const found = planOf([columns, daily], stateOf([columns, daily]), { now: NOW + 8 * DAY + HOUR });
    expect(changeOf(found, 'flow:f')).toMatchObject({
      action: 'push',
      reason: 'column_lineage_lapses',
      reversibility: 'expires',
      effects: ['~3 events, 1 request', 'leaves table edges that never expire'],
    });
  });

  it('says in the footer that columns lapse when their flow is not picked', () => {
    const columns = flow('f', { collect: 'column_lineage', every: DAY });
    const found = planOf([columns, f], stateOf([columns]), { now: NOW + 9.5 * DAY, selected: new Set() });
    expect(found.vanishing).toEqual([]);
    const only = planOf([columns], stateOf([columns]), { now: NOW + 9.5 * DAY, selected: new Set() });
    expect(only.vanishing).toEqual([
      { key: 'flow:f', expires_at: '2026-12-04T10:00:00.000Z', because: 'it is not selected' },
    ]);
  });

  it('takes the shortest rhythm for the time of the next run, and a day without flows', () => {
    expect(planOf([f, flow('g', { every: DAY })]).next_run).toBe('2026-11-24T11:00:00.000Z');
    expect(planOf([], EMPTY).next_run).toBe('2026-11-25T10:00:00.000Z');
  });
});
