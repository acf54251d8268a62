import { compressGroup, type Envelope, GROUP_GAP, type Group, gzipBody, gzipOverhead, plainBody } from './body.ts';

/** A body ready to be sent, and the events it holds: `from` to `to` (exclusive) of the manifest. */
export interface Batch {
  readonly from: number;
  readonly to: number;
  readonly body: Buffer;
  readonly lines: readonly Buffer[];
}

/** An event that is over the limit all by itself. */
export interface Oversize {
  readonly oversize: true;
  readonly at: number;
  readonly bytes: number;
  readonly line: Buffer;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface BatchOptions {
  readonly around: Envelope;
  readonly compression: 'none' | 'gzip';
  /** Bytes of a body as sent, at most. */
  readonly bytes: number;
  /** Events a body at most, asked anew for every event. */
  readonly events: () => number;
  /** Events that were accepted before and are left out. */
  readonly skip: readonly Range[];
}

/** Fills bodies with events in their order; `add` and `flush` give what became full. */
interface Packer {
  add(line: Buffer, at: number): (Batch | Oversize)[] | Promise<(Batch | Oversize)[]>;
  flush(): (Batch | Oversize)[] | Promise<(Batch | Oversize)[]>;
}

function plainPacker({ around, bytes, events }: BatchOptions): Packer {
  const room = bytes - around.overhead;
  let lines: Buffer[] = [];
  let size = 0;
  let from = 0;
  const flush = (): Batch[] => {
    if (lines.length === 0) return [];
    const batch = { from, to: from + lines.length, body: plainBody(around, lines), lines };
    lines = [];
    size = 0;
    return [batch];
  };
  return {
    flush,
    add(line, at) {
      if (line.length > room) return [...flush(), { oversize: true, at, bytes: line.length + around.overhead, line }];
      const full = lines.length > 0 && (lines.length >= events() || size + 1 + line.length > room) ? flush() : [];
      if (lines.length === 0) from = at;
      size += line.length + (lines.length === 0 ? 0 : 1);
      lines.push(line);
      return full;
    },
  };
}

const GROUP_BYTES = 256 * 1024;
/** A group is at most this part of a body once compressed, so that little stays empty when one does not fit. */
const SHARE = 0.02;

function gzipPacker({ around, bytes, events }: BatchOptions): Packer {
  const room = bytes - gzipOverhead(around);
  let groups: Group[] = [];
  let size = 0;
  let count = 0;
  let from = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let ratio = 1;

  const close = (): Batch[] => {
    if (groups.length === 0) return [];
    const lines = groups.flatMap((group) => group.lines);
    const batch = { from, to: from + lines.length, body: gzipBody(around, groups), lines };
    from += lines.length;
    groups = [];
    size = 0;
    count = 0;
    return [batch];
  };
  const place = async (group: Group, out: (Batch | Oversize)[]): Promise<void> => {
    const needs = group.deflated.length + (groups.length === 0 ? 0 : GROUP_GAP);
    if (groups.length > 0 && (size + needs > room || count + group.lines.length > events())) {
      out.push(...close());
      return place(group, out);
    }
    if (needs > room) return divide(group, out);
    groups.push(group);
    size += needs;
    count += group.lines.length;
    if (count >= events()) out.push(...close());
  };
  const divide = async ({ lines, deflated }: Group, out: (Batch | Oversize)[]): Promise<void> => {
    const [first] = lines;
    if (lines.length === 1 && first !== undefined) {
      out.push({ oversize: true, at: from, bytes: deflated.length + gzipOverhead(around), line: first });
      from += 1;
      return;
    }
    const half = lines.length >> 1;
    await place(await compressGroup(lines.slice(0, half)), out);
    await place(await compressGroup(lines.slice(half)), out);
  };
  const compress = async (out: (Batch | Oversize)[]): Promise<void> => {
    if (pending.length === 0) return;
    const group = await compressGroup(pending);
    pending = [];
    pendingBytes = 0;
    ratio = Math.max(1, group.raw.length / group.deflated.length);
    await place(group, out);
  };
  return {
    async add(line, at) {
      if (groups.length === 0 && pending.length === 0) from = at;
      const out: (Batch | Oversize)[] = [];
      pending.push(line);
      pendingBytes += line.length + 1;
      const enough = Math.min(GROUP_BYTES, Math.max(1024, bytes * SHARE * ratio));
      if (pendingBytes >= enough || count + pending.length >= events()) await compress(out);
      return out;
    },
    async flush() {
      const out: (Batch | Oversize)[] = [];
      await compress(out);
      out.push(...close());
      return out;
    },
  };
}

/** Cuts a manifest's lines into bodies: every event once, in order, none over the limits. */
export async function* batches(
  lines: AsyncIterable<readonly Buffer[]>,
  options: BatchOptions,
): AsyncGenerator<Batch | Oversize, void, undefined> {
  const packer = options.compression === 'gzip' ? gzipPacker(options) : plainPacker(options);
  const skip = [...options.skip].sort((a, b) => a.from - b.from);
  let at = 0;
  let next = 0;
  for await (const chunk of lines)
    for (const line of chunk) {
      while (at >= (skip[next]?.to ?? Number.POSITIVE_INFINITY)) next += 1;
      if (at >= (skip[next]?.from ?? Number.POSITIVE_INFINITY)) {
        if (at === skip[next]?.from) yield* await packer.flush();
      } else {
        const full = packer.add(line, at);
        yield* Array.isArray(full) ? full : await full;
      }
      at += 1;
    }
  yield* await packer.flush();
}

/** Cuts a batch the gateway found too large in two. Null when it holds a single event. */
export async function halves(
  batch: Batch,
  { around, compression }: BatchOptions,
): Promise<readonly [Batch, Batch] | null> {
  if (batch.lines.length < 2) return null;
  const middle = batch.lines.length >> 1;
  const make = async (lines: readonly Buffer[], from: number): Promise<Batch> => ({
    from,
    to: from + lines.length,
    lines,
    body: compression === 'gzip' ? gzipBody(around, [await compressGroup(lines)]) : plainBody(around, lines),
  });
  return [
    await make(batch.lines.slice(0, middle), batch.from),
    await make(batch.lines.slice(middle), batch.from + middle),
  ];
}
