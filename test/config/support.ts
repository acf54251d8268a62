import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type Loaded, type LoadOptions, loadConfig } from '../../src/config/load.ts';
import type { SourceType } from '../../src/config/types.ts';

const common = { required: [], flowProperties: {}, starter: '' };

/** Two kinds of source with the settings these tests use, whatever the real ones have besides. */
export const TYPES: Readonly<Record<string, SourceType>> = {
  postgres: {
    ...common,
    type: 'postgres',
    title: 'PostgreSQL',
    properties: {
      host: { type: 'string' },
      port: { type: 'integer' },
      password: { type: 'string', 'x-secret': true },
      include: { type: 'array', items: { type: 'string' } },
    },
    collects: {
      metadata: true,
      table_lineage: true,
      query_logs: true,
      column_lineage: { not: 'it comes with SQL lineage' },
    },
  },
  file: {
    ...common,
    type: 'file',
    title: 'Files',
    properties: { path: { type: 'string' } },
    collects: { metadata: true, table_lineage: true, column_lineage: true, query_logs: true },
  },
};

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A temporary folder with these files; removed at the end. */
export async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mc-ingest-config-'));
  folders.push(dir);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

export const NOW = Date.parse('2026-11-23T10:00:00Z');

export async function load(cwd: string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return loadConfig({
    file: 'mc-ingest.yaml',
    cwd,
    env: {},
    sourceTypes: TYPES,
    secrets: 'check',
    now: NOW,
    ...options,
  });
}

export async function loadText(text: string | Uint8Array, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return load(await folder({ 'mc-ingest.yaml': text }), options);
}

export function codes(loaded: Loaded): string[] {
  return loaded.problems.map((problem) => problem.code);
}
