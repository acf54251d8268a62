import { configSchema } from '../config/schema.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { SOURCE_TYPES } from '../registry.ts';

/** Prints the JSON Schema of the file, as `schemas/mc-ingest.schema.json` holds it. */
export async function schema(context: CliContext): Promise<ExitCode> {
  context.stdout.write(`${JSON.stringify(configSchema(SOURCE_TYPES), null, 2)}\n`);
  return EXIT.done;
}
