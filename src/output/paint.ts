import { styleText } from 'node:util';

type Style = (text: string) => string;

/** Colours that only repeat what the text says; without colour every function gives its text back. */
export interface Painter {
  readonly red: Style;
  readonly green: Style;
  readonly yellow: Style;
  readonly cyan: Style;
  readonly dim: Style;
  readonly bold: Style;
}

/** Makes the functions that colour text, or leave it as it is. */
export function painter(options: { readonly color: boolean }): Painter {
  const style = (name: 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'): Style =>
    options.color ? (text) => styleText(name, text, { validateStream: false }) : (text) => text;
  return {
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
    dim: style('dim'),
    bold: style('bold'),
  };
}

/** Whether to colour: NO_COLOR (any text) wins, then FORCE_COLOR (not 0 or false), then whether it is a terminal. */
export function useColor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  const no = env['NO_COLOR'];
  if (no !== undefined && no !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}
