import type { Origin, Problem } from '../errors.ts';
import type { Fault } from './fault.ts';
import { locateJson, parseJson } from './json-document.ts';
import { type Locator, lineStarts, looksSecret, type Path, type Spot, showPath, spot } from './place.ts';
import { locateYaml, parseYaml } from './yaml-document.ts';

const CONTEXT_LINES = 2;

/** One file: its text, what it says, and where. */
export interface ConfigDocument {
  /** As shown to people. */
  readonly file: string;
  readonly text: string;
  /** Null when it could not be parsed: then `faults` says why. */
  readonly data: unknown;
  readonly faults: readonly Fault[];
  problem(fault: Fault): Problem;
  origin(path: Path): Origin;
}

/** An origin that looks its line up when it is asked: a valid file of 100,000 items never pays for places. */
class LazyOrigin implements Origin {
  readonly file: string;
  readonly #path: Path;
  readonly #find: () => Spot;

  constructor(file: string, path: Path, find: () => Spot) {
    this.file = file;
    this.#path = path;
    this.#find = find;
  }

  get path(): string {
    return showPath(this.#path);
  }
  get line(): number {
    return this.#find().line;
  }
  get column(): number {
    return this.#find().column;
  }
}

function frame(text: string, place: Spot, locator: Locator | null): Problem['frame'] {
  const starts = lineStarts(text);
  const lines: { line: number; text: string }[] = [];
  for (let line = Math.max(1, place.line - CONTEXT_LINES); line <= place.line; line++) {
    const from = starts[line - 1] ?? 0;
    const shown = text.slice(from, (starts[line] ?? text.length + 1) - 1).replace(/\r$/, '');
    const hidden = locator?.secret(line) || looksSecretLine(shown);
    if (hidden && line === place.line) return undefined;
    lines.push({ line, text: hidden ? '***' : shown });
  }
  return lines;
}

function looksSecretLine(line: string): boolean {
  const pair = /^[\s{"',-]*([\w.-]+)["']?\s*:\s*["']?(.+?)["']?\s*,?\s*$/.exec(line);
  return pair !== null && looksSecret(pair[1] ?? '', pair[2]);
}

/** Reads a text as YAML or JSON, by the file's name. Never throws: what is wrong is in `faults`. */
export function configDocument(file: string, text: string): ConfigDocument {
  const json = /\.json$/i.test(file);
  const { data, faults } = json ? parseJson(text) : parseYaml(text);
  let locator: Locator | undefined;
  const locate = (): Locator => {
    locator ??= json ? locateJson(text) : locateYaml(text);
    return locator;
  };
  const parsed = data !== null;
  return {
    file,
    text,
    data,
    faults,
    origin: (path) => new LazyOrigin(file, path, () => locate().find(path, 'key')),
    problem: (fault) => {
      const { code, message, severity = 'error', fix, label, path = [], at = 'value', offset, secret } = fault;
      const place =
        offset === undefined && parsed
          ? locate().find(path, at)
          : spot(text, lineStarts(text), { from: Math.min(offset ?? 0, text.length), to: (offset ?? 0) + 1 });
      const lines = secret === true ? undefined : frame(text, place, parsed ? locate() : null);
      return {
        code,
        severity,
        message,
        file,
        line: place.line,
        column: place.column,
        path: showPath(path),
        length: place.length,
        ...(fix === undefined ? {} : { fix }),
        ...(label === undefined ? {} : { label }),
        ...(lines === undefined ? {} : { frame: lines }),
      };
    },
  };
}
