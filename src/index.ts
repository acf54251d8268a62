/** What another program may build on. Everything that is not named here may change with any version. */
export { type Loaded, type LoadOptions, loadConfig, requireConfig } from './config/load.ts';
export type { Config } from './config/types.ts';
export { McIngestError, type Origin, type Problem, ProblemsError } from './errors.ts';
export { EXIT, EXIT_TEXT, type ExitCode, type ExitName } from './exit-code.ts';
export { desire } from './flows/desire.ts';
export { planDocument } from './output/plan-json.ts';
export { plan } from './plan/plan.ts';
export type { Change, DesiredItem, ItemKey, KnownState, Plan, PlanInput } from './plan/types.ts';
export { SOURCE_TYPES } from './registry.ts';
export type { RunRecord, State } from './state/types.ts';
