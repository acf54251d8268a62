import { $, count, h, lapsesSoon, plural, s, time } from './dom.js';
import { layout } from './layout.js';

/** Up to this many nodes all of them are drawn; above it, what is around one. */
const WHOLE = 150;
const AROUND = 90;
const STEPS = 3;
/** Below this a name cannot be read: the graph is then larger than its window, which scrolls. */
const SMALLEST = 0.78;
const LARGEST = 1.6;
const LETTERS = 27;

let scale = 1;
let natural = { width: 0, height: 0 };
let drawn = '';

/** What is within some steps of a node, nearest first, and how many more there would be. */
function around(data, center) {
  const seen = new Set([center]);
  let front = [center];
  let left = 0;
  for (let step = 0; step < STEPS && front.length > 0; step += 1) {
    const next = [];
    for (const at of front)
      for (const other of [...data.down[at], ...data.up[at]]) {
        if (seen.has(other)) continue;
        if (seen.size >= AROUND) {
          left += 1;
          continue;
        }
        seen.add(other);
        next.push(other);
      }
    front = next;
  }
  return { seen, left };
}

function busiest(data) {
  let best = 0;
  for (let at = 1; at < data.nodes.length; at += 1)
    if (data.down[at].length + data.up[at].length > data.down[best].length + data.up[best].length) best = at;
  return best;
}

/** Which nodes are drawn, and the sentence that says so. */
function chosenPart(data, selected) {
  const total = data.nodes.length;
  if (total <= WHOLE)
    return {
      part: data.nodes.map((_, at) => at),
      note: `${plural(total, 'item')}, ${plural(data.edges.length, 'edge')}`,
    };
  const center = selected >= 0 ? selected : busiest(data);
  const { seen, left } = around(data, center);
  const more = left === 0 ? '' : `, nearest first (${count(left)} more edges lead on)`;
  return {
    part: [...seen],
    note: `${count(seen.size)} of ${count(total)} items: what is within ${STEPS} steps of ${data.nodes[center].name}${more}. Choose another in the list.`,
  };
}

function short(text, letters) {
  const all = [...text];
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`;
}

/** Names share their beginning (`database:schema.`), so the end is what tells them apart. */
function label(node) {
  return short(
    node.pushed || node.type === 'table' || node.type === 'view' ? node.name.replace(/^.*?:/, '') : node.name,
    LETTERS,
  );
}

function sub(node, now) {
  if (lapsesSoon(node.expire_at, now)) return `lapses ${time(node.expire_at)}`;
  if (node.pushed) return `${node.type} · ${plural(node.columns, 'column')}`;
  return node.custom ? `${node.type} · custom` : `${node.type} · named by lineage only`;
}

function shape({ width: w, height: t }, custom) {
  const c = 14;
  return custom
    ? `M${c} 0H${w - c}L${w} ${t / 2}L${w - c} ${t}H${c}L0 ${t / 2}Z`
    : `M7 0H${w - 7}Q${w} 0 ${w} 7V${t - 7}Q${w} ${t} ${w - 7} ${t}H7Q0 ${t} 0 ${t - 7}V7Q0 0 7 0Z`;
}

function nodeElement(data, at, { place, box, chosen, now, choose }) {
  const node = data.nodes[at];
  const soon = lapsesSoon(node.expire_at, now);
  const kind = node.custom ? 'custom' : node.pushed ? '' : 'unknown';
  const inset = node.custom ? 20 : 12;
  return s(
    'g',
    {
      class: `node ${kind} ${soon ? 'soon' : ''} ${chosen ? 'chosen' : ''}`,
      transform: `translate(${place.x} ${place.y})`,
      tabindex: '0',
      role: 'button',
      'data-at': at,
      'aria-label': `${node.name}, ${sub(node, now)}`,
      'aria-pressed': chosen ? 'true' : 'false',
      click: () => choose(node.mcon),
    },
    s('title', {}, `${node.name}\n${sub(node, now)}`),
    s('path', { d: shape(box, node.custom) }),
    s('text', { x: inset, y: 20 }, label(node)),
    s('text', { x: inset, y: 36, class: 'sub' }, sub(node, now)),
  );
}

function edgeElement({ from, to, box, edge, near, now }) {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x - 7, to.y + box.height / 2];
  const bend = Math.max(40, Math.abs(x2 - x1) / 2);
  const soon = lapsesSoon(edge[3], now);
  return s('path', {
    class: `edge ${edge[2] ? 'custom' : ''} ${soon ? 'soon' : ''} ${near ? 'near' : ''}`,
    d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    'marker-end': 'url(#arrow)',
  });
}

/** Left and right go along the edges, up and down within a column. */
function arrowKeys(event, { data, places, choose }) {
  const at = Number(event.target.closest?.('.node')?.dataset.at ?? Number.NaN);
  const here = places.get(at);
  if (here === undefined) return;
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    choose(data.nodes[at].mcon);
    return;
  }
  const column = [...places]
    .filter(([, { column: own }]) => own === here.column)
    .sort(([, a], [, b]) => a.y - b.y || a.x - b.x);
  const row = column.findIndex(([other]) => other === at);
  const next = {
    ArrowRight: () => data.down[at].find((other) => places.has(other)),
    ArrowLeft: () => data.up[at].find((other) => places.has(other)),
    ArrowDown: () => column[row + 1]?.[0],
    ArrowUp: () => column[row - 1]?.[0],
  }[event.key]?.();
  if (next === undefined) return;
  event.preventDefault();
  $('canvas').querySelector(`[data-at="${next}"]`)?.focus();
}

export function startHere() {
  const steps = [
    ['mc-ingest init --source postgres', 'writes a starter file'],
    ['mc-ingest plan', 'shows what would be sent'],
    ['mc-ingest apply', 'sends it here'],
  ];
  return h(
    'div',
    { class: 'start' },
    h('h2', {}, 'Nothing has arrived yet'),
    h('p', {}, 'In a terminal with the variables that the sandbox printed when it started:'),
    h(
      'ol',
      {},
      steps.map(([command, what]) => h('li', {}, h('code', {}, command), ` ${what}`)),
    ),
  );
}

export function zoom(factor) {
  const canvas = $('canvas');
  const svg = canvas.querySelector('svg');
  if (svg === null) return;
  const fit = Math.min(LARGEST, (canvas.clientWidth - 4) / natural.width, (canvas.clientHeight - 4) / natural.height);
  scale = factor === 'fit' ? Math.max(SMALLEST, fit) : Math.min(3, Math.max(0.1, scale * factor));
  svg.setAttribute('width', natural.width * scale);
  svg.setAttribute('height', natural.height * scale);
}

/** Scrolls to a node; to the middle of the left edge when there is none. */
export function reveal() {
  const canvas = $('canvas');
  const chosen = canvas.querySelector('.chosen');
  if (chosen === null) canvas.scrollTo(0, (canvas.scrollHeight - canvas.clientHeight) / 2);
  else chosen.scrollIntoView({ block: 'center', inline: 'center' });
}

function legend() {
  $('legend').replaceChildren(
    ...['▭ table or view', '⬡ custom node', '┄ lapses within a day', '← → ↑ ↓ move, Enter opens'].map((text) =>
      h('span', {}, text),
    ),
  );
}

/** Draws the lineage graph, or how to begin. `choose`: called with the handle of what was clicked. */
export function drawGraph(data, { selected, now, choose }) {
  const canvas = $('canvas');
  if (data.nodes.length === 0) {
    canvas.replaceChildren(startHere());
    $('note').textContent = '';
    $('legend').replaceChildren();
    drawn = '';
    return;
  }
  const at = data.nodes.findIndex(({ mcon }) => mcon === selected);
  const { part, note } = chosenPart(data, at);
  const inPart = new Set(part);
  const edges = data.edges.filter(([from, to]) => inPart.has(from) && inPart.has(to));
  const { places, width, height, box, aloneAt } = layout(
    part,
    edges.map(([from, to]) => [from, to]),
  );
  natural = { width, height };
  const svg = s(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': `Lineage of ${plural(part.length, 'item')}, left to right`,
      keydown: (event) => arrowKeys(event, { data, places, choose }),
    },
    s(
      'defs',
      {},
      s(
        'marker',
        {
          id: 'arrow',
          viewBox: '0 0 8 8',
          refX: 1,
          refY: 4,
          markerWidth: 7,
          markerHeight: 7,
          orient: 'auto',
          markerUnits: 'userSpaceOnUse',
        },
        s('path', { d: 'M0 0L8 4L0 8Z', class: 'arrow' }),
      ),
    ),
    edges.map((edge) =>
      edgeElement({
        from: places.get(edge[0]),
        to: places.get(edge[1]),
        box,
        edge,
        near: edge[0] === at || edge[1] === at,
        now,
      }),
    ),
    aloneAt === null
      ? null
      : s(
          'text',
          { x: 20, y: aloneAt, class: 'alone', fill: 'currentColor', 'font-size': 12, opacity: 0.7 },
          'without lineage',
        ),
    part.map((one) => nodeElement(data, one, { place: places.get(one), box, chosen: one === at, now, choose })),
  );
  const focused = document.activeElement?.closest?.('.node')?.getAttribute('aria-label');
  const kept = [canvas.scrollLeft, canvas.scrollTop];
  canvas.replaceChildren(svg);
  $('note').textContent = note;
  legend();
  const shown = part
    .map((one) => data.nodes[one].mcon)
    .sort()
    .join();
  zoom(drawn === shown ? 1 : 'fit');
  if (drawn === shown) canvas.scrollTo(...kept);
  else reveal();
  drawn = shown;
  if (focused)
    [...canvas.querySelectorAll('.node')]
      .find((node) => node.getAttribute('aria-label') === focused)
      ?.focus({ preventScroll: true });
}
