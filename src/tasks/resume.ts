import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnfinishedFlow } from '../state/recover.ts';
import type { Resumable } from './flow.ts';

async function inode(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.ino ?? null;
}

/** Where the manifest of a flow's collect in a run is. */
export function manifestPath(manifests: string, key: string, run: string): string {
  return join(manifests, key.replace(/^flow:/, ''), `${run}.ndjson`);
}

/**
 * What unfinished pushes left, by flow key: the manifest of the last run and the batches of it that were accepted. Only
 * batches cut from that very file count (a resumed run links it under its own name). Without the file: collected anew.
 */
export async function resumables(
  flows: readonly UnfinishedFlow[],
  manifests: string,
): Promise<ReadonlyMap<string, Resumable>> {
  const found = new Map<string, Resumable>();
  for (const { key, batches } of flows) {
    const last = batches.at(-1);
    if (last === undefined) continue;
    const manifest = manifestPath(manifests, key, last.run);
    const file = await inode(manifest);
    if (file === null) continue;
    const accepted: Resumable['accepted'][number][] = [];
    for (const batch of batches) {
      if (batch.outcome !== 'accepted') continue;
      if ((await inode(manifestPath(manifests, key, batch.run))) === file)
        accepted.push({ from: batch.from, to: batch.to });
    }
    found.set(key, { manifest, accepted });
  }
  return found;
}
