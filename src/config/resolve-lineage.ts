import { didYouMean } from '../suggest.ts';
import { fixedTime, normalExpireAt } from './expire-at.ts';
import type { LoadedFile } from './files.ts';
import type { Path } from './place.ts';
import { isMap, own, ownText, ownTexts, type RawMap, report } from './raw.ts';
import type { ResourceConfig } from './types.ts';

/** Something declared under `lineage`, with the defaults of its file. */
export interface Declared {
  readonly raw: RawMap;
  readonly file: LoadedFile;
  readonly path: Path;
  readonly defaults: unknown;
}

export interface LineageContext {
  readonly resources: ReadonlyMap<string, ResourceConfig>;
  /** Names under `resources`, the wrong ones too. */
  readonly declaredResources: readonly string[];
  /** Milliseconds; undefined: the past is not looked at. */
  readonly now: number | undefined;
}

const MISSING = {
  code: 'MCI213',
  message: 'expireAt is missing',
  label: 'without it Monte Carlo drops this silently after 7 days',
  fix: 'expireAt: never, a date, or a duration such as 30d, here or in lineage.defaults',
  at: 'key',
} as const;

/** `expireAt` of an item, normalised. Reported and replaced by "never" when it is missing or wrong. */
export function resolveExpireAt(item: Declared, context: LineageContext): string | null {
  const text = ownText(item.raw, 'expireAt');
  const chosen = text ?? ownText(item.defaults, 'expireAt');
  if (chosen === undefined) {
    if (own(item.raw, 'expireAt') === undefined) report(item, MISSING);
    return null;
  }
  const normal = normalExpireAt(chosen);
  // A default that is wrong was reported where it stands.
  if (text === undefined) return normal;
  checkExpireAt({ ...item, path: [...item.path, 'expireAt'] }, chosen, normal, context.now);
  return normal;
}

function checkExpireAt(
  place: { file: LoadedFile; path: Path },
  text: string,
  normal: string | null,
  now: number | undefined,
): void {
  if (normal === null) {
    const fix = 'never, 2031-05-01, 2031-05-01T12:00:00+00:00 (with an offset), or a duration such as 30d';
    report(place, { code: 'MCI215', message: `expireAt cannot be ${JSON.stringify(text).slice(0, 60)}`, fix });
    return;
  }
  const time = fixedTime(normal);
  if (time === null || now === undefined || time > now) return;
  report(place, {
    code: 'MCI214',
    severity: 'warning',
    message: `expireAt is in the past: ${text}`,
    fix: 'remove the item, or let it live longer',
  });
}

/** Checks `lineage.defaults` of one file. */
export function checkDefaults(file: LoadedFile, context: LineageContext): void {
  const defaults = own(own(file.document.data, 'lineage'), 'defaults');
  const path = ['lineage', 'defaults'];
  const text = ownText(defaults, 'expireAt');
  if (text !== undefined) checkExpireAt({ file, path: [...path, 'expireAt'] }, text, normalExpireAt(text), context.now);
  if (isMap(defaults)) resourceFields({ raw: defaults, file, path, defaults: {} }, context);
}

function resourceId(item: Declared, name: string, context: LineageContext): { resourceId?: string } {
  if (!context.declaredResources.includes(name)) {
    const fix = didYouMean(name, context.declaredResources) ?? 'declare it under resources, or use resourceName';
    report(item, { code: 'MCI202', message: `there is no resource ${name}`, fix }, 'resource');
  }
  const uuid = context.resources.get(name)?.uuid;
  return uuid === undefined ? {} : { resourceId: uuid };
}

/** `resource` (its UUID is sent) or `resourceName`; from the item, else from the defaults of its file. */
export function resourceFields(
  item: Declared,
  context: LineageContext,
): { resourceId?: string; resourceName?: string } {
  const [resource, resourceName] = [ownText(item.raw, 'resource'), ownText(item.raw, 'resourceName')];
  if (resource !== undefined && resourceName !== undefined)
    report(
      item,
      { code: 'MCI219', message: 'resource and resourceName are both given', fix: 'keep one' },
      'resourceName',
    );
  if (resource !== undefined) return resourceId(item, resource, context);
  if (resourceName !== undefined) return { resourceName };
  const [shared, sharedName] = [ownText(item.defaults, 'resource'), ownText(item.defaults, 'resourceName')];
  if (shared !== undefined) {
    const uuid = context.resources.get(shared)?.uuid;
    return uuid === undefined ? {} : { resourceId: uuid };
  }
  return sharedName === undefined ? {} : { resourceName: sharedName };
}

/** Labels and protection of an item: its own, else those of the defaults. */
export function labels(item: Declared): { tags: readonly string[]; protect: boolean } {
  const tags = own(item.raw, 'tags') === undefined ? ownTexts(item.defaults, 'tags') : ownTexts(item.raw, 'tags');
  const protect = own(item.raw, 'protect') ?? own(item.defaults, 'protect');
  return { tags, protect: protect === true };
}

/** `database:schema.table` of a table written in one of the two ways; null when it is neither. */
export function tableId(text: string): string | null {
  if (text.includes(':')) return /^[^:\s][^:]*:[^.:]+\.[^:]+$/.test(text) ? text : null;
  const parts = text.split('.');
  const [database, schema, ...table] = parts;
  if (parts.some((part) => part.trim() === '') || table.length !== 1) return null;
  return `${database}:${schema}.${table[0]}`;
}
