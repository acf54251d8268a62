import { describe, expect, it } from 'vitest';
import { painter } from '../../src/output/paint.ts';
import { planMarkdown } from '../../src/output/plan-markdown.ts';
import { type PlanTextOptions, planText } from '../../src/output/plan-text.ts';
import { cells, cut, printable } from '../../src/output/printable.ts';
import { DAY, edge, flow, NOW, node, planOf, stateOf, tableEnd } from '../plan/support.ts';

const OPTIONS: PlanTextOptions = { columns: null, utf8: true, paint: painter({ color: false }), verbose: false };
const long = node('a_node_with_a_rather_long_name_in_the_warehouse', {
  objectId: 'dbt://shop/models/staging/a_node_with_a_rather_long_name',
});
const short = node('b');
const found = planOf([long, short, edge(long, tableEnd('t'))], stateOf([node('b', { properties: { team: 'x' } })]));

function lines(options: Partial<PlanTextOptions>): readonly string[] {
  return planText(found, { ...OPTIONS, ...options }).split('\n');
}

describe('the plan as text', () => {
  it('never cuts a key, cuts what is said of it, and fits every other line into the window', () => {
    expect(lines({ columns: 60 })).toMatchInlineSnapshot(`
      [
        "shop · 3 items · state 1 (saved 10:00 UTC)",
        "now 10:00 UTC, next run 2026-11-25 10:00",
        "+ 2 create   ~ 1 update",
        "",
        "+ node:a_node_with_a_rather_long_name_in_the_warehouse",
        "      model  dbt://shop/models/staging/a_node_with_a_rather…",
        "~ node:b                          properties.team  x → (non…",
        "+ edge:a_node_with_a_rather_long_name_in_the_warehouse->table:db:public.t",
        "",
        "fingerprint 77495fbb",
        "\`mc-ingest apply --expect 77495fbb\` does exactly this",
        "",
      ]
    `);
    for (const columns of [44, 60, 80, 120])
      for (const line of lines({ columns })) {
        const key = found.changes.find((change) => line.slice(2) === change.key);
        if (key === undefined && !line.includes('`')) expect(cells(line), line).toBeLessThanOrEqual(columns);
      }
  });

  it('holds every key whole at any width', () => {
    for (const columns of [20, 40, 60, 200])
      for (const { key } of found.changes) expect(lines({ columns }).some((line) => line.includes(key))).toBe(true);
  });

  it('cuts nothing in a pipe', () => {
    expect(
      lines({}).some((line) => line.endsWith('model  dbt://shop/models/staging/a_node_with_a_rather_long_name')),
    ).toBe(true);
  });

  it('says with colours what it says without them', () => {
    const coloured = planText(found, { ...OPTIONS, paint: painter({ color: true }) });
    expect(coloured).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours.
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(planText(found, OPTIONS));
  });

  it('shows what is kept, and why, with --verbose only', () => {
    const kept = planOf([short], stateOf([short]));
    expect(planText(kept, OPTIONS)).toBe('shop · 1 item · nothing to do\n');
    expect(planText(kept, { ...OPTIONS, verbose: true })).toContain('= node:b  unchanged');
  });

  it('gives the date where it is not the day of the plan', () => {
    const renewed = node('a', { expireAt: '30d' });
    const soon = planOf([renewed], stateOf([renewed]), { now: NOW + 29 * DAY });
    const text = planText(soon, OPTIONS);
    expect(text).toContain(
      'state 1 (saved 2026-11-24 10:00 UTC) · now 2026-12-23 10:00 UTC, next run 2026-12-24 10:00',
    );
    expect(text).toContain('⟳ node:a  lapses 2026-12-25, before the next run → 2027-01-23');
    expect(planText(planOf([renewed], stateOf([renewed])), OPTIONS)).toContain('nothing to do until 2026-12-23 UTC');
  });

  it('lets no control character of a name reach the terminal', () => {
    const evil = planOf([node('x\u001b[2J\nnode:fake', { objectId: 'a\u202eb' })]);
    const text = planText(evil, OPTIONS);
    expect(text).toContain('node:x\\u{1b}[2J\\nnode:fake');
    for (const char of ['\u001b', '\u202e']) expect(text).not.toContain(char);
  });
});

describe('the plan as a comment', () => {
  it('breaks no table, makes no tag, calls nobody', () => {
    const odd = planMarkdown(planOf([node('a|b`c', { objectId: '<img src=x> @team *bold* | end' })]));
    expect(odd).toContain('| + create | `` node:a\\|b`c `` | model  &lt;img src=x> @<!-- -->team \\*bold\\* \\| end |');
  });

  it('fits into a comment, and says how many rows it left out', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => node(`n${index}`));
    const text = planMarkdown(planOf(many));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d,\d{3} more: `mc-ingest plan` shows them\./);
  });

  it('says that there is nothing to do, and until when', () => {
    expect(planMarkdown(planOf([flow('f')], stateOf([flow('f')])))).toContain('Nothing to do until 11:00 UTC.');
  });
});

describe('cells', () => {
  it.each([
    ['plain', 5],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['🚀', 2],
    ['→', 1],
  ])('%s takes %i', (text, width) => {
    expect(cells(text)).toBe(width);
  });

  it('cuts between characters, never within one', () => {
    expect(cut('🚀🚀🚀', 4, '…')).toBe('🚀…');
    expect(cut('fits', 4, '…')).toBe('fits');
    expect(printable('a\tb')).toBe('a\\tb');
  });
});
