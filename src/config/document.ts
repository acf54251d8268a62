import type { Origin, Problem } from '../errors.ts';
import type { Fault } from './fault.ts';
import { locateJson, parseJson } from './json-document.ts';
import { type Locator, lineStarts, type Path, type Spot, secretLine, showPath, spot, underSecret } from './place.ts';
import { locateYaml, parseYaml } from './yaml-document.ts';

const CONTEXT_LINES = 2;
const LONGEST_LINE = 2_000;

/** One file: its text, what it says, and where. */
export interface ConfigDocument {
  /** As shown to people. */
  readonly file: string;
  readonly text: string;
  /** Null when it could not be parsed: then `faults` says why. */
  readonly data: unknown;
  readonly faults: readonly Fault[];
  problem(fault: Fault): Problem;
  /** Keeps the lines of a secret value out of every code frame. */
  hide(path: Path): void;
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

interface Framed {
  readonly text: string;
  readonly starts: readonly number[];
  readonly locator: Locator | null;
}

function frame(framed: Framed, place: Spot): Problem['frame'] {
  const lines: { line: number; text: string }[] = [];
  for (let line = Math.max(1, place.line - CONTEXT_LINES); line <= place.line; line++) {
    const shown = lineAt(framed, line);
    const hidden = isHidden(framed, shown, line);
    if (hidden && line === place.line) return undefined;
    lines.push({ line, text: hidden ? '***' : shown });
  }
  return lines;
}

function lineAt({ text, starts }: Framed, line: number): string {
  const end = (starts[line] ?? text.length + 1) - 1;
  return text.slice(starts[line - 1] ?? 0, text[end - 1] === '\r' ? end - 1 : end);
}

/** A line that is too long to look through, in a file that could not be parsed, is taken to hold a secret. */
function isHidden(framed: Framed, shown: string, line: number): boolean {
  if (framed.locator !== null) return framed.locator.secret(line);
  return shown.length > LONGEST_LINE || secretLine(shown) || underSecret((at) => lineAt(framed, at), line);
}

/** Reads a text as YAML or JSON, by the file's name. Never throws: what is wrong is in `faults`. */
export function configDocument(file: string, text: string): ConfigDocument {
  const json = /\.json$/i.test(file);
  const { data, faults } = json ? parseJson(text) : parseYaml(text);
  let locator: Locator | undefined;
  let starts: readonly number[] | undefined;
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
    hide: (path) => parsed && locate().hide(path),
    problem: (fault) => {
      const { code, message, severity = 'error', fix, label, path = [], at = 'value', offset, secret } = fault;
      starts ??= lineStarts(text);
      const place =
        offset === undefined && parsed
          ? locate().find(path, at)
          : spot(text, starts, { from: Math.min(offset ?? 0, text.length), to: (offset ?? 0) + 1 });
      const lines =
        secret === true || text === '' ? undefined : frame({ text, starts, locator: parsed ? locate() : null }, place);
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
