import { grouped } from '../grouped.ts';
import type { Change, Plan } from '../plan/types.ts';
import { MARKS } from './marks.ts';
import { moment } from './moment.ts';
import { describe } from './plan-words.ts';
import { printable } from './printable.ts';

/** A comment on GitHub holds 65,536 characters. */
const LONGEST = 60_000;

/** Text in a cell of a table: no pipe ends it, no tag of the text becomes one of the page, nobody is called by it. */
function cell(text: string): string {
  return printable(text)
    .replace(/[\\`*[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('@', '@<!-- -->');
}

function code(text: string): string {
  const safe = printable(text).replaceAll('|', '\\|');
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``;
}

function row(change: Change, now: string): string {
  const { utf8 } = MARKS[change.action];
  return `| ${utf8 === '~' ? '\\~' : utf8} ${change.action} | ${code(change.key)} | ${cell(describe(change, now))} |`;
}

/** As many rows as a comment holds; the last line says how many more there are. */
function table(changes: readonly Change[], now: string): readonly string[] {
  if (changes.length === 0) return [];
  const lines: string[] = [];
  let length = 0;
  for (const change of changes) {
    const line = row(change, now);
    length += line.length + 1;
    if (length > LONGEST) break;
    lines.push(line);
  }
  const left = changes.length - lines.length;
  const more = left === 0 ? [] : ['', `… and ${grouped(left)} more: \`mc-ingest plan\` shows them.`];
  return ['', '| | item | what |', '|---|---|---|', ...lines, ...more];
}

/** The plan as a comment on a pull request. */
export function planMarkdown(plan: Plan): string {
  const { now } = plan;
  const work = plan.changes.filter(({ action, moved_from }) => action !== 'keep' || moved_from !== undefined);
  const summary = Object.entries(plan.summary).map(([action, number]) => `${grouped(number)} ${action}`);
  const idle = work.every(({ action }) => action === 'wait');
  const lines = [`### mc-ingest plan: ${cell(plan.project)}`, ''];
  if (idle)
    lines.push(`Nothing to do${plan.idle_until === null ? '' : ` until ${moment(plan.idle_until, now)} UTC`}.`, '');
  if (summary.length > 0) lines.push(`**${summary.join(' · ')}**`);
  lines.push(...table(work, now));
  for (const guard of plan.guards)
    lines.push('', `> **Refused by the guard \`${guard.name}\`**: ${cell(guard.message)}`);
  if (plan.vanishing.length > 0) {
    lines.push('', 'Lapses before the next run and nothing renews it:', '');
    for (const { key, expires_at, because } of plan.vanishing)
      lines.push(`- ${code(key)} ${moment(expires_at, now)} UTC: ${because}`);
  }
  lines.push('', `now ${now} · fingerprint \`${plan.fingerprint}\``);
  return `${lines.join('\n')}\n`;
}
