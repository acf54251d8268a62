/** Pieces the schemas of several sections share. */

/** A string property with its description and whatever else the schema says of it. */
export function text(description: string, more: Readonly<Record<string, unknown>> = {}): object {
  return { type: 'string', description, ...more };
}

/** Labels of an item, for `--select tag:NAME`. */
export const TAGS = {
  type: 'array',
  description: 'Labels, for `--select tag:NAME`.',
  default: [],
  examples: [['finance']],
  items: text('A label.', { examples: ['finance'], minLength: 1 }),
  uniqueItems: true,
};

export const PROTECT = {
  type: 'boolean',
  description: 'Refuse a plan that would delete or replace this item.',
  default: false,
  examples: [true],
};

/** A duration such as `1h`: minutes, hours, days or weeks. */
export function duration(description: string, more: Readonly<Record<string, unknown>> = {}): object {
  return text(description, { pattern: '^[1-9][0-9]{0,5}[mhdw]$', ...more });
}
