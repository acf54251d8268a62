import { createHash } from 'node:crypto';

function ofArray(value: readonly unknown[]): string {
  let text = '';
  for (const item of value) text += `${text === '' ? '' : ','}${canonical(item ?? null)}`;
  return `[${text}]`;
}

function ofObject(value: object): string {
  const members: Readonly<Record<string, unknown>> = { ...value };
  let text = '';
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return `{${text}}`;
}

/** JSON with the members of every object in order, so that equal values give equal text. Undefined members are left out. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return Array.isArray(value) ? ofArray(value) : ofObject(value);
}

/** `sha256:HEX` over the canonical form. */
export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;
}
