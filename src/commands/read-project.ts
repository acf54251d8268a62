import { requireConfig } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { SOURCE_TYPES } from '../registry.ts';

/** Reads and checks the file. Throws ProblemsError (exit 65) with everything that is wrong. */
export async function readProject(
  context: CliContext,
  flags: { readonly config: string },
  secrets: 'check' | 'defer',
): Promise<Config> {
  return requireConfig({
    file: flags.config,
    cwd: context.cwd,
    env: context.env,
    sourceTypes: SOURCE_TYPES,
    secrets,
    now: context.now(),
  });
}
