import { describe, expect, it } from 'vitest';
import type { DesiredItem } from '../../src/plan/types.ts';
import {
  changeOf,
  DAY,
  EMPTY,
  edge,
  flow,
  HOUR,
  NEVER,
  NOW,
  node,
  planOf,
  stateOf,
  tableEnd,
  work,
} from './support.ts';

const a = node('a');
const b = node('b');
const c = node('c');

/** The node of a name with the identity of another. */
function as(name: string, other: string): DesiredItem {
  return node(name, { objectId: `id-${other}` });
}

describe('nodes and edges', () => {
  it('creates what is desired and not in the state', () => {
    expect(work(planOf([a, edge(a, tableEnd('t'))]))).toEqual([
      'create node:a not_in_state',
      'create edge:a->table:db:public.t not_in_state',
    ]);
  });

  it('updates field by field, with before and after', () => {
    const before = [node('a', { name: 'old', properties: { team: 'x', 'a.b': '1' } })];
    const found = planOf([node('a', { properties: { team: 'y' } })], stateOf(before));
    expect(changeOf(found, 'node:a')).toMatchObject({
      action: 'update',
      reason: 'fields_changed',
      reversibility: 'reversible',
      fields: [
        { path: 'name', before: 'old', after: null },
        { path: 'properties["a.b"]', before: '1', after: null },
        { path: 'properties.team', before: 'x', after: 'y' },
      ],
    });
  });

  it('replaces a node whose identity changed: its edges move, and the plan says which', () => {
    const found = planOf([as('a', 'new'), b, edge(as('a', 'new'), b)], stateOf([a, b, edge(a, b)]));
    expect(work(found)).toEqual(['replace node:a identity_changed', 'update edge:a->b end_replaced']);
    expect(changeOf(found, 'node:a')).toMatchObject({ reversibility: 'irreversible', effects: ['moves 1 edge: a->b'] });
    expect(changeOf(found, 'edge:a->b').fields).toEqual([{ path: 'source.objectId', before: 'id-a', after: 'id-new' }]);
  });

  it('deletes no object in a swap of identities, and makes the edge between them anew', () => {
    const [x, y] = [as('a', 'b'), as('b', 'a')];
    const found = planOf([x, y, edge(x, y)], stateOf([a, b, edge(a, b)]));
    expect(work(found)).toEqual([
      'replace node:a identity_changed',
      'replace node:b identity_changed',
      'replace edge:a->b end_replaced',
    ]);
    expect(changeOf(found, 'node:a')).toMatchObject({
      taken_by: 'node:b',
      reversibility: 'reversible',
      effects: ['the old object lives on as node:b', 'moves 1 edge: a->b'],
    });
    expect(changeOf(found, 'edge:a->b').effects).toEqual(['the old edge is set to expire now']);
  });

  it('does not delete the old object of a replace that another node takes', () => {
    const found = planOf([as('a', 'new'), as('c', 'a')], stateOf([a]));
    expect(changeOf(found, 'node:a')).toMatchObject({ action: 'replace', taken_by: 'node:c' });
  });

  it('forgets a node under its old name when the file has its object under another', () => {
    const found = planOf([as('new', 'a'), b, edge(as('new', 'a'), b)], stateOf([a, b, edge(a, b)]));
    expect(work(found)).toEqual([
      'create node:new not_in_state',
      'create edge:new->b not_in_state',
      'forget node:a taken_over',
      'forget edge:a->b taken_over',
    ]);
  });

  it('names the edges that go with a deleted node, and their far ends', () => {
    const found = planOf([b, c], stateOf([a, b, c, edge(a, b), edge(c, a)]));
    expect(work(found)).toEqual([
      'delete edge:a->b goes_with_node',
      'delete edge:c->a goes_with_node',
      'delete node:a not_in_config',
    ]);
    expect(changeOf(found, 'node:a')).toMatchObject({
      reversibility: 'irreversible',
      effects: ['takes 2 edges with it: a->b, c->a'],
    });
    expect(changeOf(found, 'edge:a->b')).toMatchObject({ needs: ['node:a'], effects: ['goes with node:a'] });
  });

  it('sets an edge to expire when both its nodes stay', () => {
    const found = planOf([a, b], stateOf([a, b, edge(a, b)]));
    expect(changeOf(found, 'edge:a->b')).toMatchObject({ action: 'delete', reversibility: 'expires' });
  });

  it('keeps an object that is no longer declared while an edge of the file ends at it', () => {
    const bare = { objectType: 'model', objectId: 'id-a', resourceName: 'dbt' };
    const found = planOf([b, edge(bare, b)], stateOf([a, b]));
    expect(changeOf(found, 'node:a')).toMatchObject({ action: 'keep', reason: 'end_of_a_desired_edge' });
  });

  it('retires the old edge when an end without a node becomes another object', () => {
    const moved = edge(a, { ...tableEnd('t'), resourceId: '22222222-2222-4222-8222-222222222222' });
    const found = planOf([a, moved], stateOf([a, edge(a, tableEnd('t'))]));
    expect(changeOf(found, moved.key)).toMatchObject({ action: 'replace', reason: 'identity_changed' });
  });

  it('makes a lapsed node again, and its edges, which went with it', () => {
    const short = node('a', { expireAt: '30d' });
    const found = planOf([short, b, edge(short, b)], stateOf([short, b, edge(short, b)]), { now: NOW + 40 * DAY });
    expect(work(found)).toEqual(['recreate node:a expired', 'recreate edge:a->b end_recreated']);
  });

  it('leaves what lapsed on its own date', () => {
    const dated = node('a', { expireAt: '2026-12-01T00:00:00+00:00' });
    const found = planOf([dated], stateOf([dated]), { now: NOW + 40 * DAY });
    expect(changeOf(found, 'node:a')).toMatchObject({ action: 'keep', reason: 'expired_as_declared' });
  });

  it('forgets what lapsed and is no longer asked for: there is nothing to delete', () => {
    const short = node('a', { expireAt: '30d' });
    const found = planOf([b], stateOf([short, b, edge(short, b)]), { now: NOW + 40 * DAY });
    expect(work(found)).toEqual(['forget node:a expired', 'forget edge:a->b expired']);
  });

  it('renews a duration onto the grid before it lapses, not earlier', () => {
    const short = node('a', { expireAt: '30d' });
    const state = stateOf([short]);
    expect(work(planOf([short], state, { now: NOW + 28 * DAY }))).toEqual([]);
    expect(changeOf(planOf([short], state, { now: NOW + 29 * DAY }), 'node:a')).toMatchObject({
      action: 'renew',
      reason: 'lapses_before_next_run',
      expires_at: '2027-01-23T00:00:00+00:00',
      fields: [{ path: 'expires_at', before: '2026-12-25T00:00:00+00:00', after: '2027-01-23T00:00:00+00:00' }],
    });
  });

  it('never shortens a life when it is asked about the past', () => {
    const short = node('a', { expireAt: '12h' });
    expect(work(planOf([short], stateOf([short]), { now: NOW - 11 * HOUR }))).toEqual([]);
  });

  it('sends again what is in doubt', () => {
    const state = stateOf([a]);
    const doubted = { ...state.items['node:a'], in_doubt: { since: '2026-11-24T09:00:00.000Z', trace_id: 't' } };
    const found = planOf([a], { ...state, items: { 'node:a': doubted as never } });
    expect(work(found)).toEqual(['recreate node:a in_doubt_resent']);
  });

  it('finishes a replace whose old node is still there, but not where that became another node', () => {
    const state = stateOf([as('a', 'new')]);
    const left = { ...state.items['node:a'], old_mcon: 'the-old-one' } as never;
    expect(work(planOf([as('a', 'new')], { ...state, items: { 'node:a': left } }))).toEqual([
      'replace node:a old_node_remains',
    ]);
    const other = { ...stateOf([b]).items['node:b'], mcon: 'the-old-one' } as never;
    expect(work(planOf([as('a', 'new'), b], { ...state, items: { 'node:a': left, 'node:b': other } }))).toEqual([]);
  });
});

describe('moved and removed', () => {
  it('renames without deleting, and takes the edges along', () => {
    const renamed = as('new', 'a');
    const moved = [{ from: 'node:a', to: 'node:new' }] as const;
    const found = planOf([renamed, b, edge(renamed, b), edge(b, renamed)], stateOf([a, b, edge(a, b), edge(b, a)]), {
      moved,
    });
    expect(found.changes.map(({ key, action, moved_from }) => [key, action, moved_from])).toEqual([
      ['node:b', 'keep', undefined],
      ['node:new', 'keep', 'node:a'],
      ['edge:b->new', 'keep', 'edge:b->a'],
      ['edge:new->b', 'keep', 'edge:a->b'],
    ]);
  });

  it('renames the right end where both ends look alike', () => {
    const renamed = as('n', 'a');
    const loops = [edge(renamed, tableEnd('t')), edge(tableEnd('t'), renamed)];
    const state = stateOf([a, edge(a, tableEnd('t')), edge(tableEnd('t'), a)]);
    const found = planOf([renamed, ...loops], state, { moved: [{ from: 'node:a', to: 'node:n' }] });
    expect(found.summary).toEqual({ keep: 3 });
  });

  it('follows a rename of a rename', () => {
    const moved = [
      { from: 'node:a', to: 'node:b' },
      { from: 'node:b', to: 'node:z' },
    ] as const;
    expect(changeOf(planOf([as('z', 'a')], stateOf([a]), { moved }), 'node:z')).toMatchObject({ moved_from: 'node:a' });
  });

  it('ignores a move of an earlier time, and one that runs in a circle', () => {
    const stale = planOf([a, b], stateOf([a, b]), { moved: [{ from: 'node:a', to: 'node:b' }] });
    expect(work(stale)).toEqual([]);
    const circle = [
      { from: 'node:a', to: 'node:b' },
      { from: 'node:b', to: 'node:a' },
    ] as const;
    expect(work(planOf([c], stateOf([a]), { moved: circle }))).toEqual([
      'create node:c not_in_state',
      'delete node:a not_in_config',
    ]);
  });

  it('renames and replaces at once', () => {
    const found = planOf([as('new', 'x')], stateOf([a]), { moved: [{ from: 'node:a', to: 'node:new' }] });
    expect(changeOf(found, 'node:new')).toMatchObject({ action: 'replace', moved_from: 'node:a' });
  });

  it('forgets what a removed block names, and leaves it in Monte Carlo', () => {
    const found = planOf([], stateOf([a]), { removed: ['node:a'] });
    expect(work(found)).toEqual(['forget node:a removed_block']);
    expect(found.guards).toEqual([]);
  });
});

describe('guards', () => {
  const ten = Array.from({ length: 10 }, (_, index) => node(`n${index}`));

  it('lets 3 of 10 go, and refuses 4 of 10 with the numbers', () => {
    expect(planOf(ten.slice(3), stateOf(ten)).guards).toEqual([]);
    expect(planOf(ten.slice(4), stateOf(ten)).guards).toEqual([
      {
        name: 'mass-delete',
        message: '4 of 10 managed items (40 %) would be deleted or replaced; the limit is 30 % of at least 10',
        keys: ['node:n0', 'node:n1', 'node:n2', 'node:n3'],
      },
    ]);
  });

  it('lets any share of fewer than 10 go', () => {
    expect(planOf(ten.slice(8, 9), stateOf(ten.slice(0, 9))).guards).toEqual([]);
  });

  it('refuses an empty file', () => {
    expect(planOf([], stateOf([a])).guards).toMatchObject([
      { name: 'empty', message: 'the file asks for nothing, and 1 item is managed' },
    ]);
    expect(planOf([], stateOf([flow('f')])).guards).toMatchObject([{ name: 'empty' }]);
    expect(planOf([], EMPTY).guards).toEqual([]);
  });

  it('refuses the state of another project', () => {
    expect(planOf([a], { ...stateOf([a]), project: 'other' }).guards).toMatchObject([
      { name: 'other-project', message: 'the state belongs to the project other, the file to shop' },
    ]);
  });

  it('protects what was protected, although the line went with the item or before it', () => {
    const guarded = stateOf([node('a', { protect: true }), b]);
    expect(planOf([b], guarded).guards).toMatchObject([{ name: 'protected', keys: ['node:a'] }]);
    const without = stateOf([a, b], NOW, guarded);
    expect(work(planOf([a, b], guarded))).toEqual([]);
    expect(planOf([b], without).guards).toMatchObject([{ name: 'protected' }]);
  });

  it('records protection that is added later', () => {
    const found = planOf([node('a', { protect: true })], stateOf([a]));
    expect(changeOf(found, 'node:a')).toMatchObject({
      action: 'update',
      fields: [{ path: 'protect', before: null, after: true }],
    });
  });
});

describe('what lapses before the next run', () => {
  it('names fixed dates, what was not selected, and lives that are too short', () => {
    const dated = node('a', { expireAt: '2026-11-24T10:30:00+00:00' });
    const short = node('b', { expireAt: '30m' });
    const other = node('c', { expireAt: '90m' });
    const items = [dated, short, other, flow('f')];
    const found = planOf(items, stateOf(items, NOW - HOUR), { selected: new Set(['node:a', 'node:b', 'flow:f']) });
    expect(found.vanishing).toEqual([
      { key: 'node:a', expires_at: '2026-11-24T10:30:00+00:00', because: 'its expireAt is a fixed date' },
      {
        key: 'node:b',
        expires_at: '2026-11-24T10:30:00+00:00',
        because: 'its life is shorter than the time to the next run',
      },
      { key: 'node:c', expires_at: '2026-11-24T10:30:00+00:00', because: 'it is not selected' },
    ]);
  });

  it('is nothing where nothing lapses', () => {
    expect(planOf([a, node('d', { expireAt: NEVER })], stateOf([a])).vanishing).toEqual([]);
  });
});

describe('the fingerprint', () => {
  it('is the same whenever the same would be done, and another when anything else would', () => {
    const short = node('a', { expireAt: '30d' });
    const one = planOf([short], EMPTY).fingerprint;
    expect(
      planOf([short], { ...EMPTY, serial: 7 }, { now: NOW + 3 * DAY, config_digest: 'sha256:other' }).fingerprint,
    ).toBe(one);
    expect(planOf([node('a', { expireAt: '31d' })], EMPTY).fingerprint).not.toBe(one);
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('tells apart which object is deleted under the same name', () => {
    expect(planOf([b], stateOf([a, b])).fingerprint).not.toBe(planOf([b], stateOf([as('a', 'other'), b])).fingerprint);
  });
});

describe('a selection', () => {
  it('leaves everything else out', () => {
    expect(planOf([a, b], EMPTY, { selected: new Set(['node:a']) }).changes.map(({ key }) => key)).toEqual(['node:a']);
  });

  it('does not make an edge whose node is still to be made and was not picked, and says what to do', () => {
    const found = planOf([a, b, edge(a, b)], stateOf([a]), { selected: new Set(['edge:a->b']) });
    expect(changeOf(found, 'edge:a->b')).toMatchObject({
      action: 'keep',
      reason: 'needs_unselected',
      effects: ['needs node:b, which is not selected: --select +edge:a->b takes it along'],
    });
  });

  it('takes along the edges of a deleted or replaced node: what happens to the node happens to them', () => {
    const state = stateOf([a, b, edge(a, b)]);
    expect(work(planOf([b], state, { selected: new Set(['node:a']) }))).toEqual([
      'delete edge:a->b goes_with_node',
      'delete node:a not_in_config',
    ]);
    const moved = as('a', 'x');
    expect(work(planOf([moved, b, edge(moved, b)], state, { selected: new Set(['node:a']) }))).toEqual([
      'replace node:a identity_changed',
      'update edge:a->b end_replaced',
    ]);
  });

  it('sets an edge to expire by itself when its node is not picked for deletion', () => {
    const found = planOf([b], stateOf([a, b, edge(a, b)]), { selected: new Set(['edge:a->b']) });
    expect(work(found)).toEqual(['delete edge:a->b not_in_config']);
  });

  it('picks a renamed item by its old name, too', () => {
    const moved = [{ from: 'node:a', to: 'node:z' }] as const;
    const found = planOf([as('z', 'a')], stateOf([a]), { moved, selected: new Set(['node:a']) });
    expect(found.changes.map(({ key }) => key)).toEqual(['node:z']);
  });
});
