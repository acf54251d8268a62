import { CONFIG_CODES } from '../config/codes.ts';
import type { CliContext } from '../context.ts';
import { DEMO_CODES } from '../demo/codes.ts';
import type { ExitCode } from '../exit-code.ts';
import { MANIFEST_CODES } from '../manifest/codes.ts';
import { MONTE_CARLO_CODES } from '../montecarlo/codes.ts';
import { PLAN_CODES } from '../plan/codes.ts';
import { SANDBOX_CODES } from '../sandbox/codes.ts';
import { SOURCE_CODES } from '../sources/codes.ts';
import { STATE_CODES } from '../state/codes.ts';
import { COMMAND_CODES } from './codes.ts';
import { type ExplainFlags, explain } from './explain.ts';

/** `mc-ingest explain`: over the codes of every folder. */
export function explainCommand(context: CliContext, flags: ExplainFlags): Promise<ExitCode> {
  return explain(context, flags, [
    COMMAND_CODES,
    CONFIG_CODES,
    PLAN_CODES,
    MONTE_CARLO_CODES,
    STATE_CODES,
    SOURCE_CODES,
    MANIFEST_CODES,
    DEMO_CODES,
    SANDBOX_CODES,
  ]);
}
