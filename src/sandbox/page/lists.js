import { $, count, duration, h, lapsesSoon, plural, time } from './dom.js';
import { startHere } from './graph.js';

const ROW = 48;
const SPARE = 8;

/** The lists: how each finds its items, and how an item looks as a row. */
export const LISTS = [
  {
    id: 'assets',
    label: 'Assets',
    items: (data) => data.nodes.filter(({ pushed }) => pushed),
    row: (node) => ({
      id: `node/${node.mcon}`,
      name: node.name,
      more: `${node.type} · ${plural(node.columns, 'column')}`,
    }),
    none: 'No asset has arrived. Push metadata, and it is listed here.',
  },
  {
    id: 'nodes',
    label: 'Custom nodes',
    items: (data) => data.nodes.filter(({ custom }) => custom),
    row: (node, now) => ({
      id: `node/${node.mcon}`,
      name: node.name,
      more: `${node.type} · ${node.expire_at === null ? 'never lapses' : `lapses in ${duration(Date.parse(node.expire_at) - now)}`}`,
      tag: lapsesSoon(node.expire_at, now) ? ['lapses soon', 'soon'] : null,
    }),
    none: 'No custom node. Declare one under lineage.nodes and apply.',
  },
  {
    id: 'queries',
    label: 'Queries',
    items: (data) => data.queries,
    total: (data) => data.totals.queries,
    row: (query) => ({
      id: `query/${query.n}`,
      name: query.query_text.replace(/\s+/g, ' '),
      more: `${query.user ?? 'no user'} · ${time(query.start_time)} · ${query.log_type}`,
    }),
    none: 'No query log has arrived.',
  },
  {
    id: 'pushes',
    label: 'Pushes',
    items: (data) => data.requests,
    total: (data) => data.totals.requests,
    row: (request) => ({
      id: `request/${request.n}`,
      name:
        request.endpoint === 'graphql'
          ? (request.operation ?? 'graphql')
          : `${request.endpoint} · ${plural(request.events, 'event')}`,
      more: `${time(request.at, { seconds: true })} · ${request.invocation_id ?? request.error ?? 'no invocation id'}`,
      tag: [
        request.http_status === null ? 'cut' : String(request.http_status),
        request.http_status !== null && request.http_status < 300 && request.error === undefined ? '' : 'bad',
      ],
    }),
    none: 'No request has come in.',
  },
  {
    id: 'refused',
    label: 'Refused',
    items: (data) => data.rejected,
    row: (refused) => ({
      id: `rejected/${refused.n}`,
      name: refused.reason,
      more: `${refused.endpoint} · ${time(refused.at)} · HTTP ${refused.http_status}`,
      tag: [`checkpoint ${refused.checkpoint}`, 'bad'],
    }),
    none: 'Nothing was refused.',
  },
];

/** The list on the left: filtered, and only the rows in sight are in the page. */
export class List {
  #rows = [];
  #data = null;
  #now = 0;
  #active = -1;
  #selected = '';
  #choose;
  kind = LISTS[0];

  constructor(choose) {
    this.#choose = choose;
    $('tabs').append(
      ...LISTS.map((kind) =>
        h(
          'button',
          { type: 'button', role: 'tab', id: `tab-${kind.id}`, 'aria-controls': 'rows', click: () => this.show(kind) },
          `${kind.label} `,
          h('span', { class: 'count' }, '0'),
        ),
      ),
    );
    $('tabs').addEventListener('keydown', (event) => this.#tabKeys(event));
    $('filter').addEventListener('input', () => this.#refresh({ top: true }));
    $('filter').addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') $('rows').focus();
    });
    const rows = $('rows');
    rows.addEventListener('scroll', () => this.#paint(), { passive: true });
    rows.addEventListener('keydown', (event) => this.#rowKeys(event));
    new ResizeObserver(() => this.#paint()).observe(rows);
  }

  show(kind) {
    this.kind = kind;
    this.#refresh({ top: true });
  }

  update(data, { now, selected }) {
    this.#data = data;
    this.#now = now;
    this.#selected = selected;
    this.#refresh({ top: false });
  }

  select(selected) {
    this.#selected = selected;
    this.#active = this.#rows.findIndex(({ id }) => id === selected);
    this.#paint();
  }

  #refresh({ top }) {
    if (this.#data === null) return;
    for (const kind of LISTS) {
      const tab = $(`tab-${kind.id}`);
      const chosen = kind === this.kind;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.querySelector('.count').textContent = count(kind.total?.(this.#data) ?? kind.items(this.#data).length);
    }
    const words = $('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = this.kind.items(this.#data).map((item) => this.kind.row(item, this.#now));
    this.#rows = all.filter(({ name, more }) => words.every((word) => `${name} ${more}`.toLowerCase().includes(word)));
    this.#active = this.#rows.findIndex(({ id }) => id === this.#selected);
    $('rows').setAttribute('aria-label', this.kind.label);
    if (top) $('rows').scrollTop = 0;
    this.#paint();
  }

  #paint() {
    const box = $('rows');
    if (this.#rows.length === 0) {
      const none = $('filter').value === '' ? this.kind.none : 'Nothing matches the filter.';
      const start = this.#data !== null && this.#data.nodes.length === 0 ? startHere() : '';
      box.replaceChildren(h('p', { class: 'empty' }, none), start);
      box.removeAttribute('aria-activedescendant');
      return;
    }
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE);
    const last = Math.min(this.#rows.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SPARE);
    const spacer = h('div', { role: 'presentation' });
    spacer.style.height = `${this.#rows.length * ROW}px`;
    spacer.append(...this.#rows.slice(first, last).map((row, index) => this.#element(row, first + index)));
    box.replaceChildren(spacer);
    if (this.#active >= first && this.#active < last) box.setAttribute('aria-activedescendant', `row-${this.#active}`);
    else box.removeAttribute('aria-activedescendant');
  }

  #element({ id, name, more, tag }, at) {
    const row = h(
      'div',
      {
        class: 'row',
        role: 'option',
        id: `row-${at}`,
        title: name,
        'aria-selected': String(id === this.#selected),
        'aria-setsize': this.#rows.length,
        'aria-posinset': at + 1,
        click: () => this.#choose(id),
      },
      h('b', {}, name),
      tag == null ? h('span') : h('span', { class: `tag ${tag[1]}` }, tag[0]),
      h('small', {}, more),
    );
    row.style.top = `${at * ROW}px`;
    return row;
  }

  #rowKeys(event) {
    const page = Math.max(1, Math.floor($('rows').clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || this.#rows.length === 0) return;
    event.preventDefault();
    const at = Math.min(this.#rows.length - 1, Math.max(0, this.#active + steps[event.key]));
    const box = $('rows');
    if (at * ROW < box.scrollTop) box.scrollTop = at * ROW;
    else if ((at + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (at + 1) * ROW - box.clientHeight;
    this.#choose(this.#rows[at].id, { stay: true });
  }

  #tabKeys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = LISTS[(LISTS.indexOf(this.kind) + step + LISTS.length) % LISTS.length];
    this.show(next);
    $(`tab-${next.id}`).focus();
  }
}
