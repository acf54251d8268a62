import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { met, type Part } from './part.ts';
import { PARTS } from './parts.ts';
import { document, type Failure, type Row, table } from './report.ts';

const { values } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    format: { type: 'string', default: 'text' },
    strict: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function chosen(): readonly Part[] {
  const { peers } = values;
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    say(`no part ${unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}`);
    process.exit(64);
  }
  return PARTS.filter((part) => (only.length > 0 ? only.includes(part.name) : (part.peers === true) === peers));
}

async function carryOut(part: Part, rows: Row[]): Promise<Failure | null> {
  const folder = await mkdtemp(join(tmpdir(), 'mc-ingest-bench-'));
  const began = performance.now();
  say(`${part.name}  ${part.what}`);
  const signal = AbortSignal.timeout(part.seconds * 1000);
  try {
    await part.run({
      folder,
      signal,
      say: (text) => say(`  ${text}`),
      found: (finding) => void rows.push({ part: part.name, finding }),
    });
    return null;
  } catch (error) {
    const message = signal.aborted
      ? `did not end within ${part.seconds} s`
      : error instanceof Error
        ? error.message
        : String(error);
    say(`  failed: ${message}`);
    return { part: part.name, message };
  } finally {
    say(`  ${((performance.now() - began) / 1000).toFixed(1)} s`);
    await rm(folder, { recursive: true, force: true });
  }
}

const rows: Row[] = [];
const failures: Failure[] = [];
if (values.list)
  for (const part of PARTS)
    process.stdout.write(`${part.name.padEnd(18)} ${part.peers === true ? '--peers  ' : '         '}${part.what}\n`);
else {
  for (const part of chosen()) {
    const failure = await carryOut(part, rows);
    if (failure !== null) failures.push(failure);
  }
  process.stdout.write(values.format === 'json' ? document(rows, failures) : table(rows, failures));
}
const missed = rows.some(({ finding }) => 'value' in finding && met(finding) === false);
process.exitCode = failures.length > 0 ? 1 : values.strict && missed ? 3 : 0;
