import { batchFill } from './fill.ts';
import { http } from './http.ts';
import { memory, push } from './memory.ts';
import type { Part } from './part.ts';
import { peers } from './peers.ts';
import { pipeline } from './pipeline.ts';
import { scale } from './scale.ts';
import { size } from './size.ts';
import { startup } from './startup.ts';
import { tree } from './tree.ts';

/** All parts, in the order they are run. */
export const PARTS: readonly Part[] = [startup, scale, batchFill, http, push, pipeline, tree, size, ...peers, memory];
