import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { McIngestError } from '../errors.ts';
import type { Collect } from '../model.ts';
import { isRecord } from './answer.ts';
import type { Endpoint, ManifestHead } from './types.ts';

interface Route {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly eventType: string;
}

/** Where each collect goes and as what. A body of lineage with column mappings is `COLUMN_LINEAGE`. */
export const ROUTES: Readonly<Record<Collect, Route>> = {
  metadata: { endpoint: 'metadata', path: '/ingest/v1/metadata', eventType: 'METADATA' },
  table_lineage: { endpoint: 'lineage', path: '/ingest/v1/lineage', eventType: 'LINEAGE' },
  column_lineage: { endpoint: 'lineage', path: '/ingest/v1/lineage', eventType: 'LINEAGE' },
  query_logs: { endpoint: 'querylogs', path: '/ingest/v1/querylogs', eventType: 'QUERY_LOG' },
  etl: { endpoint: 'etl', path: '/ingest/v1/etl/metadata', eventType: 'ETL_METADATA' },
  etl_runs: { endpoint: 'etl', path: '/ingest/v1/etl/runs', eventType: 'ETLRUN' },
  bi: { endpoint: 'bi', path: '/ingest/v1/bi/metadata', eventType: 'BI_METADATA' },
};

const COLUMN = 'COLUMN_LINEAGE';
const COMMA = 0x2c;
const COMMA_TEXT = Buffer.from(',');
const FIELDS = Buffer.from('"fields"');

/** What stands around the events of a body. */
export interface Envelope {
  readonly route: Route;
  readonly tail: Buffer;
  /** Bytes of the longest head and the tail. */
  readonly overhead: number;
  head(lines: readonly Buffer[]): Buffer;
}

/** A resource as a body names it: for query logs with its log type, else with its resource type. */
function resourceOf({ collect, resource }: ManifestHead): string | null {
  const { uuid, log_type, resource_type } = resource ?? {};
  if (uuid === undefined || uuid === '') return null;
  return JSON.stringify(collect === 'query_logs' ? { uuid, log_type } : { uuid, resource_type });
}

/**
 * The envelope of a manifest's bodies. A resource without a uuid is left out, as the vendor's SDK does.
 * Throws MCI416 (exit 65) when the collect needs a resource and the manifest names none.
 */
export function envelope(manifest: ManifestHead): Envelope {
  const { event_type, event_time } = manifest;
  const route = ROUTES[manifest.collect];
  const resource = resourceOf(manifest);
  if (resource === null && route.endpoint !== 'lineage')
    throw new McIngestError('MCI416', 'config', `the manifest of ${manifest.flow} names no resource uuid`, {
      fix: 'set resource.uuid in its first line; only lineage may leave it out',
    });
  const named = resource === null ? '' : `"resource":${resource},`;
  const make = (type: string): Buffer => Buffer.from(`{"event_type":${JSON.stringify(type)},${named}"events":[`);
  const plain = make(event_type ?? route.eventType);
  const choose = route.endpoint === 'lineage' && event_type === undefined;
  const column = choose ? make(COLUMN) : plain;
  const tail = Buffer.from(`]${event_time === undefined ? '' : `,"event_time":${JSON.stringify(event_time)}`}}`);
  return {
    route,
    tail,
    overhead: column.length + tail.length,
    head: (lines) => (choose && lines.some(hasFields) ? column : plain),
  };
}

const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);

function skipBlanks(line: Buffer, from: number): number {
  let at = from;
  while (BLANK.has(line[at] ?? 0)) at += 1;
  return at;
}

/**
 * Whether a lineage event maps columns: a non-empty `fields` list of its own. Looks at bytes first, as most lines have no
 * such key; inside a string the quotes would be escaped, so only keys (and whole values) can match. A hit is confirmed.
 */
export function hasFields(line: Buffer): boolean {
  for (let at = line.indexOf(FIELDS); at >= 0; at = line.indexOf(FIELDS, at + 1)) {
    const colon = skipBlanks(line, at + FIELDS.length);
    if (line[colon] !== 0x3a) continue;
    const open = skipBlanks(line, colon + 1);
    if (line[open] !== 0x5b || line[skipBlanks(line, open + 1)] === 0x5d) continue;
    return ownFields(line);
  }
  return false;
}

function ownFields(line: Buffer): boolean {
  try {
    const event: unknown = JSON.parse(line.toString('utf8'));
    return isRecord(event) && Array.isArray(event['fields']) && event['fields'].length > 0;
  } catch {
    return true;
  }
}

/** Whether a line stands right behind another in the same piece of a file, with a line feed between them. */
function follows(line: Buffer, before: Buffer): boolean {
  return line.buffer === before.buffer && line.byteOffset === before.byteOffset + before.length + 1;
}

function joinedLength(lines: readonly Buffer[]): number {
  let size = Math.max(0, lines.length - 1);
  for (const line of lines) size += line.length;
  return size;
}

/**
 * Writes lines with commas between them. Lines that stand one behind the other in memory are copied at one go, and their
 * line feeds overwritten: a copy a line would cost more than the sending.
 */
function writeJoined(target: Buffer, start: number, lines: readonly Buffer[]): void {
  let at = start;
  for (let from = 0; from < lines.length; ) {
    const first = lines[from] as Buffer;
    let last = first;
    let to = from + 1;
    for (let next = lines[to]; next !== undefined && follows(next, last); next = lines[to]) {
      last = next;
      to += 1;
    }
    target.set(new Uint8Array(first.buffer, first.byteOffset, last.byteOffset + last.length - first.byteOffset), at);
    for (; from < to; from += 1) {
      at += lines[from]?.length ?? 0;
      if (from < lines.length - 1) target[at++] = COMMA;
    }
  }
}

/** Lines joined by commas. */
export function joined(lines: readonly Buffer[]): Buffer {
  const target = Buffer.allocUnsafeSlow(joinedLength(lines));
  writeJoined(target, 0, lines);
  return target;
}

/** A body as plain JSON. */
export function plainBody(around: Envelope, lines: readonly Buffer[]): Buffer {
  const head = around.head(lines);
  const length = joinedLength(lines);
  const body = Buffer.allocUnsafeSlow(head.length + length + around.tail.length);
  head.copy(body);
  writeJoined(body, head.length, lines);
  around.tail.copy(body, head.length + length);
  return body;
}

/** Events compressed by themselves: such groups can stand one after the other in one gzip member, in any body. */
export interface Group {
  readonly lines: readonly Buffer[];
  readonly raw: Buffer;
  readonly deflated: Buffer;
}

const deflate = promisify(deflateRaw);
const LEVEL = 6;
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const FINAL_BLOCK = Buffer.from([0x03, 0x00]);
/** A stored block of one comma; blocks end on whole bytes after a sync flush, so it can stand between any two groups. */
const COMMA_BLOCK = Buffer.from([0x00, 0x01, 0x00, 0xfe, 0xff, 0x2c]);
const TRAILER = 8;
const STORED = 5;

/** Bytes of a separator between two groups. */
export const GROUP_GAP = COMMA_BLOCK.length;

export async function compressGroup(lines: readonly Buffer[]): Promise<Group> {
  const raw = lines.length === 1 && lines[0] !== undefined ? lines[0] : joined(lines);
  const deflated = await deflate(raw, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH });
  return { lines, raw, deflated };
}

/** Bytes a gzip body has beside its groups and the gaps between them. */
export function gzipOverhead(around: Envelope): number {
  return GZIP_HEADER.length + 2 * STORED + around.overhead + FINAL_BLOCK.length + TRAILER;
}

function stored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(STORED);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([head, bytes]);
}

/** A body as one gzip member of one part. */
export function gzipBody(around: Envelope, groups: readonly Group[]): Buffer {
  const head = around.head(groups.flatMap((group) => group.lines));
  const plain = groups.flatMap((group, index) => (index === 0 ? [group.raw] : [COMMA_TEXT, group.raw]));
  let sum = 0;
  let size = 0;
  for (const part of [head, ...plain, around.tail]) {
    sum = crc32(part, sum);
    size += part.length;
  }
  const trailer = Buffer.alloc(TRAILER);
  trailer.writeUInt32LE(sum >>> 0, 0);
  trailer.writeUInt32LE(size >>> 0, 4);
  const blocks = groups.flatMap((group, index) => (index === 0 ? [group.deflated] : [COMMA_BLOCK, group.deflated]));
  return Buffer.concat([GZIP_HEADER, stored(head), ...blocks, stored(around.tail), FINAL_BLOCK, trailer]);
}
