import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eventLines, type Flow } from './events.ts';

export const UUID = '11111111-1111-4111-8111-111111111111';
const COLLECT = { metadata: 'metadata', lineage: 'table_lineage', querylogs: 'query_logs' } as const;

function header(flow: Flow): string {
  const kind = flow === 'querylogs' ? 'log_type' : 'resource_type';
  const resource = { uuid: UUID, [kind]: 'snowflake' };
  return JSON.stringify({
    manifest: 'mc-ingest/1',
    flow,
    collect: COLLECT[flow],
    resource,
    started_at: '2026-03-01T00:00:00Z',
  });
}

function* chunks(flow: Flow, count: number): Generator<string> {
  yield `${header(flow)}\n`;
  const hash = createHash('sha256');
  let text = '';
  for (const line of eventLines(flow, count)) {
    text += `${line}\n`;
    if (text.length < 1 << 20) continue;
    hash.update(text);
    yield text;
    text = '';
  }
  hash.update(text);
  yield `${text}${JSON.stringify({ end: true, events: count, complete: true, sha256: hash.digest('hex') })}\n`;
}

/** Writes the manifest of `count` events, as a collect leaves it. */
export async function writeManifest(path: string, flow: Flow, count: number): Promise<void> {
  await pipeline(Readable.from(chunks(flow, count)), createWriteStream(path));
}

/** The same events as one JSON list, which the templates' style reads. */
export async function writeList(path: string, flow: Flow, count: number): Promise<void> {
  await writeFile(path, `[${[...eventLines(flow, count)].join(',\n')}]`);
}

/** A fresh project, without a state: every push into it starts with small batches. */
export async function project(folder: string, compression: 'none' | 'gzip'): Promise<string> {
  await mkdir(folder, { recursive: true });
  const flows = Object.entries(COLLECT).map(
    ([flow, collect]) => `  ${flow}: { source: files, collect: ${collect}, every: 1h, compression: ${compression} }\n`,
  );
  const lines = [
    'version: 1\nproject: bench\n',
    `resources:\n  warehouse: { uuid: "${UUID}", resource_type: snowflake }\n`,
    'sources:\n  files: { type: file, resource: warehouse, path: none.ndjson }\n',
    'log_types: { file: snowflake }\n',
    `flows:\n${flows.join('')}`,
  ];
  await writeFile(join(folder, 'mc-ingest.yaml'), lines.join(''));
  return folder;
}
