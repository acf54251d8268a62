const WIDTH = 200;
const HEIGHT = 46;
const GAP_X = 60;
const GAP_Y = 18;
const MARGIN = 20;
/** Odd, so that the last one goes from left to right. */
const SWEEPS = 7;

/** Which edges close a cycle: those are drawn, and not looked at when nodes are put into columns. */
function backEdges(nodes, down) {
  const state = new Map();
  const back = new Set();
  for (const root of nodes) {
    if (state.has(root)) continue;
    const stack = [[root, 0]];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const next = (down.get(top[0]) ?? [])[top[1]];
      top[1] += 1;
      if (next === undefined) {
        state.set(top[0], 'done');
        stack.pop();
      } else if (state.get(next) === 'open') back.add(`${top[0]} ${next}`);
      else if (!state.has(next)) {
        state.set(next, 'open');
        stack.push([next, 0]);
      }
    }
  }
  return back;
}

/** The column of each node: one step right of the rightmost of what it comes from. */
function columnsOf(nodes, edges) {
  const waits = new Map(nodes.map((node) => [node, 0]));
  const down = new Map();
  for (const [from, to] of edges) {
    waits.set(to, waits.get(to) + 1);
    down.set(from, [...(down.get(from) ?? []), to]);
  }
  const column = new Map();
  const ready = nodes.filter((node) => waits.get(node) === 0);
  for (const node of ready) column.set(node, 0);
  for (let at = 0; at < ready.length; at += 1)
    for (const to of down.get(ready[at]) ?? []) {
      column.set(to, Math.max(column.get(to) ?? 0, column.get(ready[at]) + 1));
      waits.set(to, waits.get(to) - 1);
      if (waits.get(to) === 0) ready.push(to);
    }
  return column;
}

/** Puts the nodes of each column in the order of their neighbours' middle, to and fro, so that few edges cross. */
function ordered(columns, edges) {
  const up = new Map();
  const down = new Map();
  for (const [from, to] of edges) {
    down.set(from, [...(down.get(from) ?? []), to]);
    up.set(to, [...(up.get(to) ?? []), from]);
  }
  const place = new Map();
  const put = (column) => column.forEach((node, at) => void place.set(node, at - (column.length - 1) / 2));
  columns.forEach(put);
  const middleOf = (near, node) => {
    if (near === undefined) return place.get(node);
    return near.reduce((total, other) => total + place.get(other), 0) / near.length;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const [way, order] = sweep % 2 === 0 ? [up, columns] : [down, [...columns].reverse()];
    for (const column of order) {
      const middle = new Map(column.map((node) => [node, middleOf(way.get(node), node)]));
      column.sort((a, b) => middle.get(a) - middle.get(b));
      put(column);
    }
  }
}

/** Those without any edge, in rows below. */
function grid(alone, { top, across }) {
  const each = Math.max(1, Math.min(across, alone.length));
  return alone.map((node, at) => [
    node,
    { x: MARGIN + (at % each) * (WIDTH + 24), y: top + Math.floor(at / each) * (HEIGHT + GAP_Y), column: -1 },
  ]);
}

/**
 * A layered drawing, left to right, one column a step. `nodes`: ids; `edges`: pairs of ids. Returns the place of each
 * node's upper left corner, and the size of it all.
 */
export function layout(nodes, edges) {
  const down = new Map();
  for (const [from, to] of edges) down.set(from, [...(down.get(from) ?? []), to]);
  const linked = new Set(edges.flat());
  const inside = nodes.filter((node) => linked.has(node));
  const back = backEdges(inside, down);
  const forward = edges.filter(([from, to]) => !back.has(`${from} ${to}`));
  const columns = [];
  for (const [node, column] of columnsOf(inside, forward)) {
    columns[column] ??= [];
    columns[column].push(node);
  }
  ordered(columns, forward);
  const tallest = Math.max(0, ...columns.map((column) => column.length)) * (HEIGHT + GAP_Y);
  const places = new Map();
  columns.forEach((column, x) => {
    const top = MARGIN + (tallest - column.length * (HEIGHT + GAP_Y)) / 2;
    column.forEach((node, y) => {
      places.set(node, { x: MARGIN + x * (WIDTH + GAP_X), y: top + y * (HEIGHT + GAP_Y), column: x });
    });
  });
  const alone = nodes.filter((node) => !linked.has(node));
  const top = tallest === 0 ? MARGIN : tallest + MARGIN + 40;
  for (const [node, place] of grid(alone, { top, across: Math.max(columns.length, 4) })) places.set(node, place);
  const all = [...places.values()];
  return {
    places,
    width: Math.max(0, ...all.map(({ x }) => x)) + WIDTH + MARGIN,
    height: Math.max(0, ...all.map(({ y }) => y)) + HEIGHT + MARGIN,
    box: { width: WIDTH, height: HEIGHT },
    aloneAt: alone.length > 0 && tallest > 0 ? top - 14 : null,
  };
}
