import type { Plan } from '../plan/types.ts';

/** `mc-ingest.plan/1` (interfaces.md): what `plan --format json` prints and `plan --out` writes. */
export function planDocument(plan: Plan, tool: { readonly name: string; readonly version: string }): object {
  return {
    format: 'mc-ingest.plan/1',
    tool,
    project: plan.project,
    now: plan.now,
    next_run: plan.next_run,
    base: {
      config_digest: plan.base.config_digest,
      state: { lineage: plan.base.state.lineage, serial: plan.base.state.serial },
    },
    changes: plan.changes.map(({ before: _before, after: _after, ...change }) => change),
    summary: plan.summary,
    vanishing: plan.vanishing,
    guards: plan.guards,
    fingerprint: plan.fingerprint,
  };
}
