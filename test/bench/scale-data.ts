import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a machine-made file of lineage lies beside its configuration. */
export const NODES_FILE = 'nodes.json';

interface NodeEntry {
  readonly objectType: string;
  readonly objectId: string;
  readonly name: string;
  readonly resourceName: string;
  readonly expireAt: string;
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

function entry(index: number): NodeEntry {
  return {
    objectType: index % 5 === 0 ? 'job' : 'model',
    objectId: `dbt://warehouse/models/area_${index % 97}/model_${index}`,
    name: `model_${index}`,
    resourceName: 'dbt-production',
    expireAt: index % 3 === 0 ? '30d' : 'never',
    tags: ['generated', `area_${index % 97}`],
    properties: {
      owner: `team-${index % 40}`,
      path: `models/area_${index % 97}/model_${index}.sql`,
      tier: `${index % 4}`,
    },
  };
}

/** Writes a configuration that includes `count` nodes from a JSON file, as a generator would make them. */
export async function writeNodes(folder: string, count: number): Promise<void> {
  const nodes = Object.fromEntries(Array.from({ length: count }, (_, index) => [`model_${index}`, entry(index)]));
  await writeFile(join(folder, NODES_FILE), JSON.stringify({ lineage: { nodes } }, null, 1));
  await writeFile(join(folder, 'mc-ingest.yaml'), `version: 1\nproject: bench\ninclude: [${NODES_FILE}]\n`);
}
