import type { Fault } from './fault.ts';
import type { LoadedFile } from './files.ts';
import type { Path } from './place.ts';

export type RawMap = Readonly<Record<string, unknown>>;

/** One named entry of a section, and where it was written. */
export interface Entry {
  readonly name: string;
  readonly raw: RawMap;
  readonly file: LoadedFile;
  readonly path: Path;
}

export function isMap(value: unknown): value is RawMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member, when it is the entry's own: never what the prototype has. */
export function own(raw: unknown, key: string): unknown {
  return isMap(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined;
}

export function ownText(raw: unknown, key: string): string | undefined {
  const value = own(raw, key);
  return typeof value === 'string' ? value : undefined;
}

/** Texts of a list; what is none is left out (the schema has said so). */
export function ownTexts(raw: unknown, key: string): readonly string[] {
  const value = own(raw, key);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export function report(
  entry: { readonly file: LoadedFile; readonly path: Path },
  fault: Omit<Fault, 'path'>,
  ...steps: Path
): void {
  entry.file.faults.push({ ...fault, path: [...entry.path, ...steps] });
}

function at(data: unknown, section: Path): unknown {
  return section.reduce<unknown>((value, step) => own(value, String(step)), data);
}

/** The entries of a section over all files, by name. A name in two files is reported at its second place. */
export function entries(files: readonly LoadedFile[], ...section: string[]): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const file of files) {
    const map = at(file.document.data, section);
    if (!isMap(map)) continue;
    for (const name of Object.keys(map)) {
      const raw = map[name];
      const path = [...section, name];
      const first = found.get(name);
      if (first !== undefined)
        file.faults.push({
          code: 'MCI106',
          message: `${section.at(-1)} ${name} is already in ${first.file.document.file}`,
          path,
          at: 'key',
          fix: 'remove one, or give it another name',
        });
      else if (isMap(raw)) found.set(name, { name, raw, file, path });
    }
  }
  return found;
}

/** The items of a list section over all files. */
export function items(
  files: readonly LoadedFile[],
  ...section: string[]
): readonly { readonly raw: unknown; readonly file: LoadedFile; readonly path: Path }[] {
  return files.flatMap((file) => {
    const list = at(file.document.data, section);
    return Array.isArray(list) ? list.map((raw: unknown, index) => ({ raw, file, path: [...section, index] })) : [];
  });
}
