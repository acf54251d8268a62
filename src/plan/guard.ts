import type { Change, Guard, PlanInput } from './types.ts';

const SHARE = 0.3;
const AT_LEAST = 10;

function massDelete(input: PlanInput, changes: readonly Change[]): readonly Guard[] {
  const gone = changes.filter(({ action }) => action === 'delete' || action === 'replace').map(({ key }) => key);
  if (gone.length === 0) return [];
  const managed = Object.keys(input.state.items).length;
  if (managed < AT_LEAST || gone.length <= SHARE * managed) return [];
  const percent = Math.round((gone.length / managed) * 100);
  const message = `${gone.length} of ${managed} managed items (${percent} %) would be deleted or replaced; the limit is ${SHARE * 100} % of at least ${AT_LEAST}`;
  return [{ name: 'mass-delete', message, keys: gone }];
}

/** Let go of because the file no longer names it; a `removed:` block is meant. */
function isDropped({ action, reason }: Change): boolean {
  return action === 'delete' || (action === 'forget' && reason === 'not_in_config');
}

/** What is rarely meant. Each guard refuses the plan unless it is let pass by its name; the numbers stand in the message. */
export function guardsOf(input: PlanInput, changes: readonly Change[]): readonly Guard[] {
  const guards = [...massDelete(input, changes)];
  const dropped = changes.filter(isDropped).map(({ key }) => key);
  if (input.desired.length === 0 && dropped.length > 0) {
    const managed = Object.keys(input.state.items).length;
    const message = `the file asks for nothing, and ${managed} item${managed === 1 ? ' is' : 's are'} managed`;
    guards.push({ name: 'empty', message, keys: dropped });
  }
  const held = changes
    .filter(({ action, before }) => (action === 'delete' || action === 'replace') && before?.protect === true)
    .map(({ key }) => key);
  if (held.length > 0)
    guards.push({
      name: 'protected',
      message: `${held.length} protected item${held.length === 1 ? '' : 's'} would be deleted or replaced: ${held.join(', ')}`,
      keys: held,
    });
  const { project } = input.state;
  if (project !== null && project !== input.project)
    guards.push({
      name: 'other-project',
      message: `the state belongs to the project ${project}, the file to ${input.project}`,
      keys: [],
    });
  return guards;
}
