import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { configSchema } from '../config/schema.ts';
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

/** Beside the file, so that an editor finds it without a network. */
const SCHEMA_FILE = 'mc-ingest.schema.json';

const UUID = '"${MCD_RESOURCE_UUID:-00000000-0000-4000-8000-000000000000}"';

/** A project name the schema takes, from the folder's name. */
function projectName(cwd: string): string {
  const name = basename(cwd)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'my-project' : name;
}

/** The starter's block: sections as they are, or the settings of one source, which then gets a name and a flow. */
function sections(type: SourceType): string {
  const text = `${type.starter.trim()}\n`;
  if (/^sources:/m.test(text)) return text;
  const indent = (lines: string, by: string): string => lines.replace(/^(?=.)/gm, by);
  if (!/^type:/m.test(text)) return `sources:\n${indent(text, '  ')}`;
  const collect = Object.keys(type.collects).find((name) => type.collects[name] === true);
  const flow =
    collect === undefined
      ? ''
      : `\n# What is collected, and how often it is pushed.\nflows:\n  my_${collect}: { source: my_${type.type}, collect: ${collect}, every: 1h }\n`;
  return `sources:\n  my_${type.type}:\n${indent(text, '    ')}${flow}`;
}

/** The starter for a kind of source: valid as it is, with an empty environment or a full one. */
export function starter(type: SourceType, project: string): string {
  const resourceType = type.log_type ?? 'transactional-db';
  return `# yaml-language-server: $schema=${SCHEMA_FILE}
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

/** Throws MCI123 when one is there: before any is written, so that nothing is done by halves. */
async function refuseExisting(context: CliContext, files: readonly Workflow[]): Promise<void> {
  for (const { path } of files)
    if (await exists(resolve(context.cwd, path)))
      throw new McIngestError('MCI123', 'usage', `${path} is already there`, {
        fix: 'overwrite it with --force, or name another with --file',
      });
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function write(context: CliContext, file: Workflow): Promise<void> {
  const path = resolve(context.cwd, file.path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.text);
  } catch (error) {
    throw new McIngestError('MCI007', 'failed', `${file.path} cannot be written`, { cause: error });
  }
  context.stdout.write(`wrote ${file.path}\n`);
}

/** Writes a starter file with the schema its first line names, and the workflows of a CI system when asked. Overwrites nothing without `--force` (exit 64). */
export async function init(context: CliContext, flags: InitFlags): Promise<ExitCode> {
  const type = typeOf(flags.source ?? 'postgres');
  const file = flags.file ?? 'mc-ingest.yaml';
  const files = [
    { path: file, text: starter(type, projectName(context.cwd)) },
    ...(flags.ci === undefined ? [] : [workflow(flags.ci, { file, version: context.version })]),
  ];
  const force = flags.force === true;
  if (!force) await refuseExisting(context, files);
  for (const one of files) await write(context, one);
  const path = join(dirname(file), SCHEMA_FILE);
  if (force || !(await exists(resolve(context.cwd, path))))
    await write(context, { path, text: `${JSON.stringify(configSchema(SOURCE_TYPES), null, 2)}\n` });
  context.stderr.write(
    `next: ${file === 'mc-ingest.yaml' ? 'mc-ingest validate' : `mc-ingest validate --config ${file}`}, then mc-ingest plan\n`,
  );
  return EXIT.done;
}
