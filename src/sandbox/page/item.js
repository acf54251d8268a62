import { chart } from './chart.js';
import { count, duration, h, lapsesSoon, life, plural, time } from './dom.js';

const COLUMNS = 300;

function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return h(
    'dl',
    {},
    shown.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

function part(title, ...children) {
  return h('div', {}, h('h3', {}, title), ...children);
}

function link(text, id, choose) {
  return h('button', { type: 'button', class: 'link', click: () => choose(id) }, text);
}

function heading(name, tags) {
  return h(
    'div',
    {},
    h('h2', {}, name),
    h(
      'div',
      { class: 'tags' },
      tags.map(([text, kind]) => h('span', { class: `tag ${kind ?? ''}` }, text)),
    ),
  );
}

const mono = (text) => (text == null ? null : h('span', { class: 'mono' }, text));

function raw(title, text) {
  return text == null ? null : part(title, h('pre', { tabindex: '0', 'aria-label': title }, text));
}

function pushPart(push, choose) {
  if (push == null) return null;
  const what =
    push.endpoint === 'graphql' ? (push.operation ?? 'graphql') : `${push.endpoint}, ${plural(push.events, 'event')}`;
  return part(
    'The push it came in',
    link(
      `${time(push.at, { seconds: true })} · ${what} · HTTP ${push.http_status ?? 'cut'}`,
      `request/${push.n}`,
      choose,
    ),
    h('div', { class: 'mono' }, push.invocation_id ?? ''),
  );
}

function charts(asset) {
  const series = (name, title) => {
    const points = asset.volume.filter((point) => point[name] !== undefined);
    if (points.length === 0) return null;
    const newest = points[points.length - 1];
    return chart({
      title,
      points: points.map((point) => ({ at: point.at, value: Number(point[name]) })),
      last: count(newest[name]),
      note: `${plural(points.length, 'reading')}, last ${time(newest.at)}`,
    });
  };
  const fresh = asset.freshness;
  const freshness =
    fresh.length === 0
      ? null
      : chart({
          title: 'Freshness',
          points: fresh.map(({ at, last_update_time }) => ({ at, value: Date.parse(last_update_time) })),
          last: time(fresh[fresh.length - 1].last_update_time),
          note: `${plural(fresh.length, 'reading')}; updated ${duration(Date.parse(fresh[fresh.length - 1].at) - Date.parse(fresh[fresh.length - 1].last_update_time))} before the last`,
        });
  const all = [series('row_count', 'Rows'), series('byte_count', 'Bytes'), freshness].filter((one) => one !== null);
  return all.length === 0
    ? part('Volume and freshness', h('p', {}, 'None was pushed: only the schema is known.'))
    : part('Volume and freshness', h('div', { class: 'pair' }, all));
}

/** Where a column comes from, and what comes from it. */
function columnCell(column, item, choose) {
  const { mcon } = item.node;
  const sources = item.columns.filter((one) => one.destination === mcon && one.column === column);
  const targets = item.columns.filter((one) => one.source === mcon && one.source_column === column);
  return [
    ...sources.map((one) =>
      h('div', {}, link(`← ${one.source_name}.${one.source_column}`, `node/${one.source}`, choose)),
    ),
    ...targets.map((one) =>
      h('div', {}, link(`→ ${one.destination_name}.${one.column}`, `node/${one.destination}`, choose)),
    ),
  ];
}

function columnsPart(item, { choose, now }) {
  const known = item.asset?.fields ?? [];
  const names = new Set(known.map(({ name }) => name));
  const extra = [
    ...new Set(item.columns.filter((one) => one.destination === item.node.mcon).map((one) => one.column)),
  ].filter((name) => !names.has(name));
  const all = [...known, ...extra.map((name) => ({ name, type: 'not in its metadata' }))];
  if (all.length === 0) return null;
  const first = item.columns.reduce(
    (soonest, one) => (soonest === null || one.expire_at < soonest ? one.expire_at : soonest),
    null,
  );
  return part(
    plural(all.length, 'column'),
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Column', 'Type', 'Comes from, goes to'].map((title) => h('th', { scope: 'col' }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        all
          .slice(0, COLUMNS)
          .map((field) =>
            h(
              'tr',
              {},
              h('td', { class: 'mono', title: field.description }, field.name),
              h('td', {}, field.type),
              h('td', {}, columnCell(field.name, item, choose)),
            ),
          ),
      ),
    ),
    all.length > COLUMNS ? h('p', {}, `and ${count(all.length - COLUMNS)} more`) : null,
    first === null ? null : h('p', {}, `Column lineage ${life(first, now)}, unless it is pushed again.`),
  );
}

function endsPart(title, ends, { choose, now }) {
  if (ends.length === 0) return null;
  return part(
    `${title} (${count(ends.length)})`,
    h(
      'ul',
      {},
      ends
        .slice(0, 200)
        .map((end) =>
          h(
            'li',
            {},
            link(end.name, `node/${end.mcon}`, choose),
            ' ',
            end.custom
              ? h(
                  'span',
                  { class: `tag ${lapsesSoon(end.expire_at, now) ? 'soon' : 'custom'}` },
                  `custom edge, ${life(end.expire_at, now)}`,
                )
              : null,
          ),
        ),
    ),
    ends.length > 200 ? h('p', {}, `and ${count(ends.length - 200)} more`) : null,
  );
}

function nodeView(item, context) {
  const { node, asset } = item;
  const { choose, now } = context;
  const tags = [[node.object_type, node.custom ? 'custom' : '']];
  if (node.custom) tags.push([life(node.expire_at, now), lapsesSoon(node.expire_at, now) ? 'soon' : 'custom']);
  if (!node.custom && asset === undefined && /^(table|view)$/.test(node.object_type))
    tags.push(['named by lineage only', '']);
  const properties = [
    ...node.properties.map(({ name, value }) => [name, value]),
    ...(asset?.tags ?? []).map(({ key, value }) => [key, value ?? '']),
  ];
  return [
    heading(asset?.full_table_id ?? node.name, tags),
    facts([
      ['Description', asset?.description],
      ['Object id', node.custom ? mono(node.object_id) : null],
      ['Resource', mono(node.resource)],
      ['Created', asset?.created_on === undefined ? null : time(asset.created_on)],
      ['First seen', asset === undefined ? null : time(asset.first_seen)],
      ['Last seen', asset === undefined ? null : time(asset.last_seen)],
      ['MCON', mono(node.mcon)],
    ]),
    asset === undefined ? null : charts(asset),
    endsPart('Upstream', item.upstream, context),
    endsPart('Downstream', item.downstream, context),
    columnsPart(item, context),
    properties.length === 0 ? null : part('Properties', facts(properties)),
    asset?.view_query === undefined ? null : raw('View text', asset.view_query),
    pushPart(item.push, choose),
    raw('Raw event', item.event),
  ];
}

function requestView(item) {
  const ok = item.http_status !== null && item.http_status < 300 && item.error === undefined;
  return [
    heading(
      item.endpoint === 'graphql' ? (item.operation ?? 'graphql') : `${item.endpoint}, ${plural(item.events, 'event')}`,
      [[item.http_status === null ? 'connection cut' : `HTTP ${item.http_status}`, ok ? '' : 'bad']],
    ),
    item.error === undefined ? null : h('p', { class: 'reason' }, item.error),
    facts([
      ['At', time(item.at, { seconds: true })],
      ['Invocation id', mono(item.invocation_id ?? (item.endpoint === 'graphql' ? null : 'none'))],
      ['Trace id', mono(item.trace_id)],
      ['Path', mono(item.path)],
      ['Resource', mono(item.resource)],
      ['Size as sent', `${count(item.bytes)} bytes`],
    ]),
    item.body === null
      ? h('p', {}, 'The body is not kept: it was large, or many came after it.')
      : raw('Body', item.body),
  ];
}

const CHECKPOINTS = [
  '',
  'the answer: headers, key, body',
  'the key is of scope Ingestion',
  'the resource is right, and allowed for this key',
  'the normalizer took it',
  'it is visible downstream',
];

function rejectedView(item, { choose }) {
  return [
    heading('Refused', [[`checkpoint ${item.checkpoint} of 5: ${CHECKPOINTS[item.checkpoint]}`, 'bad']]),
    h('p', { class: 'reason' }, item.reason),
    facts([
      ['At', time(item.at, { seconds: true })],
      ['Endpoint', item.endpoint],
      ['Answer', item.http_status < 300 ? `HTTP ${item.http_status}: refused after it` : `HTTP ${item.http_status}`],
      ['Invocation id', mono(item.invocation_id)],
      ['Resource', mono(item.resource)],
    ]),
    pushPart(item.push, choose),
    raw('Event', item.event),
  ];
}

function queryView(item, { choose }) {
  return [
    heading('Query', [[item.log_type], ...(item.error_text === undefined ? [] : [['failed', 'bad']])]),
    raw('Text', item.query_text),
    facts([
      ['User', item.user],
      ['Started', time(item.start_time, { seconds: true })],
      ['Ran for', `${count(Math.max(0, Date.parse(item.end_time) - Date.parse(item.start_time)))} ms`],
      ['Query id', mono(item.query_id)],
      ['Error', item.error_text],
      ['Resource', mono(item.resource)],
    ]),
    pushPart(item.push, choose),
  ];
}

/** What is on the right while nothing is chosen: what lapses next, and what is gone. */
export function overviewView(data, { choose, now }) {
  const soon = data.nodes
    .filter((node) => lapsesSoon(node.expire_at, now))
    .sort((a, b) => Date.parse(a.expire_at) - Date.parse(b.expire_at));
  const list = (items) => h('ul', {}, items.slice(0, 50));
  return [
    heading('Overview', []),
    h(
      'p',
      {},
      'Choose an item in the list or in the graph. / goes to the filter, the arrow keys move, Esc comes back here.',
    ),
    part(
      'Lapses within a day',
      soon.length === 0
        ? h('p', {}, 'nothing')
        : list(
            soon.map((node) =>
              h('li', {}, link(node.name, `node/${node.mcon}`, choose), ` ${life(node.expire_at, now)}`),
            ),
          ),
    ),
    part('Vanished', data.vanished.length === 0 ? h('p', {}, 'nothing') : list(data.vanished.map(vanishedRow))),
  ];
}

export function vanishedRow({ what, label, expired_at }) {
  return h(
    'li',
    {},
    `${what === 'column' ? 'column mapping' : what} `,
    h('b', {}, label),
    `, lapsed ${time(expired_at)}`,
  );
}

/** One item, whole. */
export function itemView(item, context) {
  const views = { node: nodeView, request: requestView, rejected: rejectedView, query: queryView };
  return views[item.kind](item, context);
}
