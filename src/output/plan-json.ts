import { digest } from '../plan/digest.ts';
import type { Plan } from '../plan/types.ts';

interface PlanFacts {
  readonly tool: { readonly name: string; readonly version: string };
  /** What was picked, so that `apply` plans the same part again. */
  readonly selection?: { readonly select: readonly string[]; readonly exclude: readonly string[] };
}

/** `mc-ingest.plan/1` (interfaces.md): what `plan --format json` prints and `plan --out` writes. `digest` covers the rest. */
export function planDocument(plan: Plan, { tool, selection }: PlanFacts): object {
  const document = {
    format: 'mc-ingest.plan/1',
    tool,
    project: plan.project,
    now: plan.now,
    next_run: plan.next_run,
    base: {
      config_digest: plan.base.config_digest,
      state: { lineage: plan.base.state.lineage, serial: plan.base.state.serial },
    },
    ...(selection === undefined ? {} : { selection }),
    changes: plan.changes.map(({ before: _before, after: _after, ...change }) => change),
    summary: plan.summary,
    vanishing: plan.vanishing,
    guards: plan.guards,
    fingerprint: plan.fingerprint,
  };
  return { ...document, digest: digest(document) };
}
