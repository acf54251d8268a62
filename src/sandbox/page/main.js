import { $, ask, duration, h, plural, time } from './dom.js';
import { drawGraph, reveal, zoom } from './graph.js';
import { itemView, overviewView, vanishedRow } from './item.js';
import { List } from './lists.js';

const EVERY = 2_000;

let data = null;
let offset = 0;
let skew = 0;
let selected = '';
let shownItem = 0;

const now = () => Date.now() + skew;

function pane(name) {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll('nav button'))
    button.setAttribute('aria-pressed', String(button.dataset.show === name));
  if (name !== 'graph') return;
  zoom('fit');
  reveal();
}

/** Chooses an item by its id (`node/MCON`, `request/3`); an empty id: none. */
function choose(id, { stay = false } = {}) {
  selected = id;
  history.replaceState(null, '', id === '' ? location.pathname : `#${encodeURIComponent(id)}`);
  list.select(id);
  draw();
  void showItem();
  if (!stay && id !== '' && getComputedStyle(document.querySelector('nav')).display !== 'none') pane('item');
}

const list = new List(choose);
const mconOf = (id) => (id.startsWith('node/') ? id.slice('node/'.length) : '');

function draw() {
  if (data === null) return;
  drawGraph(data, { selected: mconOf(selected), now: now(), choose: (mcon) => choose(`node/${mcon}`) });
}

function queryOf(id) {
  if (id.startsWith('node/')) return new URLSearchParams({ mcon: mconOf(id) });
  const [kind, n] = id.split('/');
  return new URLSearchParams({ kind, n });
}

async function showItem() {
  shownItem += 1;
  const turn = shownItem;
  const box = $('item');
  const context = { choose, now: now() };
  if (selected === '') {
    if (data !== null) box.replaceChildren(...overviewView(data, context).filter(Boolean));
    return;
  }
  const item = await ask(`/_sandbox/item?${queryOf(selected)}`).catch(() => undefined);
  if (turn !== shownItem || item === undefined) return;
  const view =
    item === null
      ? [h('h2', {}, 'Gone'), h('p', {}, 'It lapsed, was deleted, or the list no longer goes back that far.')]
      : itemView(item, context);
  const kept = box.dataset.id === selected ? box.scrollTop : 0;
  box.dataset.id = selected;
  box.replaceChildren(...view.filter(Boolean));
  box.scrollTop = kept;
}

function take(fresh) {
  offset = fresh.offset_ms;
  skew = Date.parse(fresh.now) - Date.now();
  $('ahead').hidden = offset < 1_000;
  $('ahead').textContent = `${duration(offset)} ahead`;
  if (fresh.unchanged) return;
  const down = fresh.nodes.map(() => []);
  const up = fresh.nodes.map(() => []);
  const edges = fresh.edges.filter(([from, to]) => from >= 0 && to >= 0);
  for (const [from, to] of edges) {
    down[from].push(to);
    up[to].push(from);
  }
  data = { ...fresh, edges, down, up };
  list.update(data, { now: now(), selected });
  draw();
  void showItem();
}

let asking = false;
async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    take(await ask(`/_sandbox/overview?since=${data?.version ?? ''}`));
    $('state').textContent = '';
  } catch {
    $('state').textContent = 'The sandbox does not answer: it was ended, or is busy.';
  } finally {
    asking = false;
  }
}

function told(vanished, words) {
  const close = h(
    'button',
    {
      type: 'button',
      'aria-label': 'Close',
      click: () => {
        $('moved').hidden = true;
      },
    },
    '×',
  );
  const what = vanished.length === 0 ? 'Nothing vanished.' : `${plural(vanished.length, 'thing')} vanished:`;
  $('moved').replaceChildren(
    h(
      'div',
      {},
      h('b', {}, `${words} ${what}`),
      h('ul', {}, vanished.slice(0, 60).map(vanishedRow)),
      vanished.length > 60 ? `and ${vanished.length - 60} more` : '',
    ),
    close,
  );
  $('moved').hidden = false;
}

async function move(body, words) {
  const answer = await ask('/_sandbox/clock', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  told(answer.vanished, words);
  await refresh();
}

function tick() {
  if (data !== null) $('now').textContent = time(now(), { seconds: true });
}

for (const button of document.querySelectorAll('[data-advance]'))
  button.addEventListener('click', () =>
    move({ advance: button.dataset.advance }, `The clock moved ${button.textContent}.`),
  );
document
  .querySelector('[data-now]')
  .addEventListener('click', () =>
    move({ to: 'now' }, 'The clock shows the real time again; what had vanished stays gone.'),
  );
for (const button of document.querySelectorAll('nav button'))
  button.addEventListener('click', () => pane(button.dataset.show));
$('smaller').addEventListener('click', () => zoom(1 / 1.25));
$('larger').addEventListener('click', () => zoom(1.25));
$('fit').addEventListener('click', () => zoom('fit'));
addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')) {
    event.preventDefault();
    pane('list');
    $('filter').focus();
  } else if (event.key === 'Escape') {
    if ($('filter').value !== '' && document.activeElement === $('filter')) return;
    choose('');
  }
});
addEventListener('hashchange', () => choose(decodeURIComponent(location.hash.slice(1)), { stay: true }));
document.addEventListener('visibilitychange', refresh);

selected = decodeURIComponent(location.hash.slice(1));
pane('list');
await refresh();
setInterval(refresh, EVERY);
setInterval(tick, 500);
tick();
