import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { SCHEMA_ID } from '../config/schema.ts';
import { didYouMean } from '../config/suggest.ts';
import type { SourceType } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { SOURCE_TYPES } from '../registry.ts';
import { type Workflow, workflow } from './init-ci.ts';

export interface InitFlags {
  readonly source?: string;
  readonly file?: string;
  readonly ci?: 'github' | 'gitlab';
  readonly force?: boolean;
}

const UUID = '"${MCD_RESOURCE_UUID:-00000000-0000-4000-8000-000000000000}"';

/** A project name the schema takes, from the folder's name. */
function projectName(cwd: string): string {
  const name = basename(cwd)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'my-project' : name;
}

function sections(type: SourceType): string {
  const text = `${type.starter.trim()}\n`;
  if (/^sources:/m.test(text)) return text;
  return `sources:\n${text.replace(/^(?=.)/gm, '  ')}`;
}

/** The starter for a kind of source: valid as it is, with an empty environment or a full one. */
export function starter(type: SourceType, project: string): string {
  const resourceType = type.log_type ?? 'transactional-db';
  return `# yaml-language-server: $schema=${SCHEMA_ID}
version: 1
project: ${JSON.stringify(project)} # owns what it creates; names the state

resources:
  # The warehouse as Monte Carlo knows it. Set MCD_RESOURCE_UUID, or write the UUID here.
  warehouse: { uuid: ${UUID}, resource_type: ${resourceType} }

${sections(type)}
# Custom lineage: what no warehouse tells. expireAt is required; a duration is renewed by apply.
lineage:
  defaults: { expireAt: 30d, resource: warehouse }
  nodes: {}
  edges: []
`;
}

function typeOf(name: string): SourceType {
  const type = Object.hasOwn(SOURCE_TYPES, name) ? SOURCE_TYPES[name] : undefined;
  if (type !== undefined) return type;
  const fix = didYouMean(name, Object.keys(SOURCE_TYPES));
  throw new McIngestError('MCI003', 'usage', `there is no kind of source ${name}`, fix === undefined ? {} : { fix });
}

async function write(context: CliContext, file: Workflow, force: boolean): Promise<void> {
  const path = resolve(context.cwd, file.path);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, file.text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new McIngestError('MCI123', 'usage', `${file.path} is already there`, {
      fix: 'overwrite it with --force, or name another with --file',
      cause: error,
    });
  }
  context.stdout.write(`wrote ${file.path}\n`);
}

/** Writes a starter file, and the workflows of a CI system when asked. Overwrites nothing without `--force` (exit 64). */
export async function init(context: CliContext, flags: InitFlags): Promise<ExitCode> {
  const type = typeOf(flags.source ?? 'postgres');
  const file = flags.file ?? 'mc-ingest.yaml';
  const force = flags.force === true;
  await write(context, { path: file, text: starter(type, projectName(context.cwd)) }, force);
  if (flags.ci !== undefined) await write(context, workflow(flags.ci, { file, version: context.version }), force);
  context.stderr.write('next: mc-ingest validate, then mc-ingest plan\n');
  return EXIT.done;
}
