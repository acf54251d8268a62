// Compiles the benchmarks (they are TypeScript, Node 20 runs none) below node_modules/.cache, and starts them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const out = new URL('node_modules/.cache/bench/', root);
const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
const project = fileURLToPath(new URL('test/bench/tsconfig.json', root));

mkdirSync(out, { recursive: true });
writeFileSync(new URL('package.json', out), '{ "type": "module" }\n');
const compiled = spawnSync(process.execPath, [tsc, '-p', project], { stdio: ['ignore', 2, 2] });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
await import(new URL('test/bench/main.js', out).href);
