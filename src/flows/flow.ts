import type { FlowConfig } from '../config/types.ts';

/** A flow as the tasks carry it out: what the file says of it, resolved. */
export type FlowJob = FlowConfig;
