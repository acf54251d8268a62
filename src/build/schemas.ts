/**
 * Runs after tsc (`node dist/build/schemas.js`): writes the JSON Schemas, compiles them to `dist/validators/` (events)
 * and `dist/config-validator.js`, copies what the sandbox reads at run time, and makes the command executable.
 */
import { chmod, copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as standaloneModule } from 'ajv/dist/standalone/index.js';
import { configSchema } from '../config/schema.ts';
import { MANIFEST_SCHEMA } from '../manifest/manifest-schema.ts';
import { SOURCE_TYPES } from '../registry.ts';
import { DOCUMENTS } from './documents.ts';

const dist = new URL('../', import.meta.url);
const schemas = new URL('../schemas/', dist);

/** A function of the emitted module, and the schema it checks. */
interface Compiled {
  readonly name: string;
  readonly schema: object;
}

async function eventSchemas(): Promise<Readonly<Record<string, object>>> {
  // Named indirectly so that a tree without the manifest folder still builds.
  const path = new URL('manifest/event-schema.js', dist).href;
  try {
    const loaded = (await import(path)) as { readonly EVENT_SCHEMAS: Readonly<Record<string, object>> };
    return loaded.EVENT_SCHEMAS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return {};
    throw error;
  }
}

const APPEND = 'function append(list, more) { for (const one of more) list.push(one); return list; }';

/** ajv joins the errors of each item by copying all before it: minutes for 100,000 items that fail. */
function linear(code: string): string {
  const copying = /vErrors\.concat\((validate\d+\.errors)\)/g;
  if (code.includes('.concat(') && !copying.test(code))
    throw new Error('the validators join errors in another way now');
  return code.replace(copying, 'append(vErrors, $1)');
}

function standalone({ name, schema }: Compiled): string {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    // Errors carry the schema they come from: its words make the messages.
    verbose: true,
    code: { source: true, esm: true, lines: true },
  });
  ajv.addSchema({ ...schema, $id: name }, name);
  const emit = (standaloneModule as unknown as { default: (ajv: object, names: object) => string }).default;
  const code = emit(ajv, { [name]: name });
  // The emitted code calls require() for ajv's run-time helpers, which an ES module has to make itself.
  const head = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${APPEND}\n`;
  return `${head}${linear(code)}\n`;
}

async function writeSchema(name: string, schema: object): Promise<void> {
  await writeFile(new URL(`${name}.schema.json`, schemas), `${JSON.stringify(schema, null, 2)}\n`);
}

/** A schema as a definition of another one: what it refers to inside itself is found there. */
function within(schema: object, name: string): object {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"#/$defs/${name}/`);
  return JSON.parse(text) as object;
}

async function copyIfThere(from: URL, to: URL): Promise<void> {
  try {
    await mkdir(new URL('./', to), { recursive: true });
    await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function makeExecutable(file: URL): Promise<void> {
  try {
    await chmod(file, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

const config = configSchema(SOURCE_TYPES);
const events = await eventSchemas();

await mkdir(schemas, { recursive: true });
await writeSchema('mc-ingest', config);
await writeSchema('manifest', MANIFEST_SCHEMA);
if (Object.keys(events).length > 0) {
  await writeSchema('event', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'One line of a manifest, by what is collected',
    $defs: Object.fromEntries(Object.entries(events).map(([collect, schema]) => [collect, within(schema, collect)])),
    anyOf: Object.keys(events).map((collect) => ({ $ref: `#/$defs/${collect}` })),
  });
}
await writeFile(new URL('config-validator.js', dist), standalone({ name: 'validateConfig', schema: config }));
for (const [name, schema] of Object.entries(DOCUMENTS))
  await writeSchema(name, { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema });
// One module a kind of event: a command loads the one it needs.
await mkdir(new URL('validators/', dist), { recursive: true });
for (const [collect, schema] of Object.entries(events))
  await writeFile(new URL(`validators/${collect}.js`, dist), standalone({ name: 'validate', schema }));
await copyIfThere(new URL('../src/sandbox/schema.graphql', dist), new URL('sandbox/schema.graphql', dist));
await cp(new URL('../src/sandbox/page/', dist), new URL('sandbox/page/', dist), { recursive: true });
await makeExecutable(new URL('cli.js', dist));
