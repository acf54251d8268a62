import { h, s } from './dom.js';

const WIDE = 240;
const TALL = 56;
const INSET = 5;

/** A small line of values over time. `points`: `{at, value}` with numbers; `last`: the newest value in words. */
export function chart({ title, points, last, note }) {
  const times = points.map(({ at }) => Date.parse(at));
  const values = points.map(({ value }) => value);
  const spread = (list) => {
    const low = Math.min(...list);
    return { low, range: Math.max(...list) - low };
  };
  const [x, y] = [spread(times), spread(values)];
  const place = (value, { low, range }, size) =>
    range === 0 ? size / 2 : INSET + ((value - low) / range) * (size - 2 * INSET);
  const dots = points.map((_, index) => [place(times[index], x, WIDE), TALL - place(values[index], y, TALL)]);
  const newest = dots[dots.length - 1];
  return h(
    'div',
    { class: 'chart' },
    h('small', {}, title),
    s(
      'svg',
      { viewBox: `0 0 ${WIDE} ${TALL}`, role: 'img', 'aria-label': `${title}: ${last}, ${note}` },
      s('polyline', { points: dots.map((dot) => dot.map((number) => number.toFixed(1)).join(',')).join(' ') }),
      s('circle', { cx: newest[0].toFixed(1), cy: newest[1].toFixed(1), r: 3.2 }),
    ),
    h('strong', {}, last),
    h('br'),
    h('small', {}, note),
  );
}
