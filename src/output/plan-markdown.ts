import type { Plan } from '../plan/types.ts';
import { MARKS } from './marks.ts';
import { describe } from './plan-words.ts';

/** Text in a cell of a table: no pipe ends it, no tag of the text becomes one of the page. */
function cell(text: string): string {
  return text
    .replace(/[\\|]/g, '\\$&')
    .replace(/</g, '&lt;')
    .replace(/\s*\n\s*/g, ' ');
}

function code(text: string): string {
  return `\`${text.replace(/`/g, "'").replace(/\|/g, '\\|').replace(/\s+/g, ' ')}\``;
}

/** The plan as a comment on a pull request. */
export function planMarkdown(plan: Plan): string {
  const work = plan.changes.filter(({ action, moved_from }) => action !== 'keep' || moved_from !== undefined);
  const summary = Object.entries(plan.summary).map(([action, number]) => `${number} ${action}`);
  const lines = [
    `### mc-ingest plan: ${cell(plan.project)}`,
    '',
    summary.length === 0 ? 'Nothing to do.' : `**${summary.join(' · ')}**`,
  ];
  if (work.length > 0) {
    lines.push('', '| | item | what |', '|---|---|---|');
    for (const change of work)
      lines.push(`| ${MARKS[change.action].utf8} ${change.action} | ${code(change.key)} | ${cell(describe(change))} |`);
  }
  for (const guard of plan.guards)
    lines.push('', `> **Refused by the guard \`${guard.name}\`**: ${cell(guard.message)}`);
  if (plan.vanishing.length > 0) {
    lines.push('', 'Lapses before the next run and nothing renews it:', '');
    for (const { key, expires_at } of plan.vanishing) lines.push(`- ${code(key)} ${expires_at}`);
  }
  lines.push('', `fingerprint \`${plan.fingerprint}\``);
  return `${lines.join('\n')}\n`;
}
