/**
 * Runs after tsc (`node dist/schema/build.js`): writes the JSON Schemas, compiles them to `dist/validators.js` and
 * `dist/event-validators.js`, copies what the sandbox reads at run time, and makes the command executable.
 */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as standaloneModule } from 'ajv/dist/standalone/index.js';
import { configSchema } from '../config/schema.ts';
import { SOURCE_TYPES } from '../registry.ts';

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

function standalone(compiled: readonly Compiled[]): string {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    code: { source: true, esm: true, lines: true },
  });
  for (const { name, schema } of compiled) ajv.addSchema({ ...schema, $id: name }, name);
  const names = Object.fromEntries(compiled.map(({ name }) => [name, name]));
  const code = (standaloneModule as unknown as { default: (ajv: object, names: object) => string }).default(ajv, names);
  // The emitted code calls require() for ajv's run-time helpers, which an ES module has to make itself.
  return `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${code}\n`;
}

async function writeSchema(name: string, schema: object): Promise<void> {
  await writeFile(new URL(`${name}.schema.json`, schemas), `${JSON.stringify(schema, null, 2)}\n`);
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
if (Object.keys(events).length > 0) {
  await writeSchema('event', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'One line of a manifest, by what is collected',
    $defs: Object.fromEntries(
      Object.entries(events).map(([collect, schema]) => [collect, { ...schema, $id: collect }]),
    ),
    anyOf: Object.keys(events).map((collect) => ({ $ref: collect })),
  });
}
await writeFile(new URL('validators.js', dist), standalone([{ name: 'validateConfig', schema: config }]));
await writeFile(
  new URL('event-validators.js', dist),
  standalone(Object.entries(events).map(([collect, schema]) => ({ name: `validateEvent_${collect}`, schema }))),
);
for (const file of ['schema.graphql', 'page.html']) {
  await copyIfThere(new URL(`../src/sandbox/${file}`, dist), new URL(`sandbox/${file}`, dist));
}
await makeExecutable(new URL('cli.js', dist));
