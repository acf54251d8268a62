import { randomUUID } from 'node:crypto';
import { uuidOf } from './identity.ts';
import type { World } from './world.ts';

export interface Property {
  readonly mconId: string;
  readonly propertyName: string;
  readonly propertyValue?: string;
}

function out({ mconId, propertyName, propertyValue }: Property) {
  const id = `${mconId}/${propertyName}`;
  return { id, mconId, propertyName, propertyValue: propertyValue ?? null, propertySourceType: 'DASHBOARD' };
}

/** The properties that were set on an object by the API, in the API's words. */
export function propertiesOf(world: World, mconId: string) {
  const own = [...(world.properties.get(mconId) ?? [])];
  return own.map(([propertyName, propertyValue]) => out({ mconId, propertyName, propertyValue }));
}

export interface ResourceArgs {
  readonly uuid?: string;
  readonly name?: string;
  readonly type?: string;
}

function upsertResource(world: World, args: ResourceArgs) {
  const uuid = args.uuid?.toLowerCase() ?? (args.name === undefined ? randomUUID() : uuidOf(`resource ${args.name}`));
  const known = world.resources.get(uuid);
  const resource = { name: args.name ?? known?.name ?? uuid, type: args.type ?? known?.type ?? 'custom' };
  world.resources.set(uuid, resource);
  return { resource: resourceOut(world, uuid) };
}

/** A resource in the API's words; null when there is none. */
export function resourceOut(world: World, uuid: string) {
  const known = world.resources.get(uuid);
  return known === undefined ? null : { id: uuid, uuid, ...known, isDefault: uuid === world.resource };
}

/** The mutations of object properties and resources. */
export function propertyMutations(world: World) {
  const set = (property: Property) => {
    const own = world.properties.get(property.mconId) ?? new Map<string, string>();
    world.properties.set(property.mconId, own.set(property.propertyName, property.propertyValue ?? ''));
    return out(property);
  };
  return {
    createOrUpdateResource: (args: ResourceArgs) => upsertResource(world, args),
    createOrUpdateObjectProperty: (args: Property) => ({ objectProperty: set(args) }),
    bulkCreateOrUpdateObjectProperties: (args: { readonly inputObjectProperties: readonly (Property | null)[] }) => ({
      objectProperties: args.inputObjectProperties.flatMap((property) => (property === null ? [] : [set(property)])),
    }),
    deleteObjectProperty: (args: Property) => ({
      success: world.properties.get(args.mconId)?.delete(args.propertyName) ?? false,
    }),
  };
}
