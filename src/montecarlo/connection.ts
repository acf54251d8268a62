import { McIngestError } from '../errors.ts';
import type { Connection, Key } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Which keys the work ahead takes. */
export interface ConnectionNeeds {
  readonly ingest?: boolean;
  readonly graphql?: boolean;
}

export interface ConnectionOptions {
  readonly needs: ConnectionNeeds;
  /** Reads the file a `NAME_FILE` variable names. */
  readonly readFile: (path: string) => string;
  readonly version: string;
  readonly uuid: () => string;
}

const INGEST_BASE = 'https://integrations.getmontecarlo.com';
const GRAPHQL_BASE = 'https://api.getmontecarlo.com/graphql';
const SHORTEST = 8;

interface KeyNames {
  readonly id: string;
  readonly token: string;
  readonly what: string;
  readonly purpose: string;
}

const INGEST: KeyNames = {
  id: 'MCD_INGEST_ID',
  token: 'MCD_INGEST_TOKEN',
  what: 'the ingestion key (scope Ingestion)',
  purpose: 'pushes metadata, lineage and query logs',
};
const GRAPHQL: KeyNames = {
  id: 'MCD_ID',
  token: 'MCD_TOKEN',
  what: 'the GraphQL API key',
  purpose: 'writes custom lineage, verifies and deletes',
};

/** Whether a host name is this machine: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Checks an endpoint's address. Throws MCI401 (exit 65): https, or http on this machine; nothing but host, port and path. */
export function endpointFrom(name: string, value: string): string {
  const refuse = (why: string): never => {
    throw new McIngestError('MCI401', 'config', `${name} ${why}`, {
      fix: 'give a plain https:// address, such as https://integrations.getmontecarlo.com',
    });
  };
  // Checked before it is parsed: URL drops tabs and line breaks, turns \ into / and decodes look-alikes.
  if (!/^https?:\/\/[A-Za-z0-9.\-[\]:]+(\/[A-Za-z0-9._~/-]*)?$/.test(value)) refuse('is not a plain http(s) address');
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return refuse('is not an address');
  }
  const given = /^https?:\/\/([^/]+)/.exec(value)?.[1]?.toLowerCase() ?? '';
  const host = given.replace(/:\d+$/, '');
  if (url.hostname !== host) refuse(`names ${host}, which would be read as ${url.hostname}`);
  if (host.endsWith('.')) refuse('ends its host name with a dot');
  if (/(^|\.)xn--/.test(host)) refuse('has a punycode host name, which can look like another one');
  if (url.protocol === 'http:' && !isLoopback(host)) refuse('uses http: the key would cross the network unencrypted');
  return value.replace(/\/+$/, '');
}

/** One value from NAME or NAME_FILE; null when neither is set. */
function value(name: string, env: Env, readFile: (path: string) => string): string | null {
  const path = env[`${name}_FILE`];
  const direct = env[name];
  const given =
    direct !== undefined && direct !== ''
      ? direct
      : path === undefined || path === ''
        ? null
        : fileText(name, path, readFile);
  if (given === null) return null;
  if (given.length < SHORTEST) throw malformed(name, `is shorter than ${SHORTEST} characters`);
  if (!/^[\x21-\x7e]+$/.test(given)) throw malformed(name, 'holds blanks, line breaks or characters no key has');
  return given;
}

function fileText(name: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path).replace(/[\r\n]+$/, '');
  } catch (cause) {
    throw new McIngestError('MCI403', 'config', `the file ${name}_FILE names cannot be read`, { cause });
  }
}

function malformed(name: string, why: string): McIngestError {
  return new McIngestError('MCI402', 'config', `${name} ${why}`, {
    fix: 'copy the key again, without blanks or line breaks',
  });
}

function keyFrom(names: KeyNames, env: Env, readFile: (path: string) => string): Key | null {
  const id = value(names.id, env, readFile);
  const token = value(names.token, env, readFile);
  return id === null || token === null ? null : { id, token };
}

function missing(names: KeyNames, other: { readonly names: KeyNames; readonly key: Key | null }): McIngestError {
  const hint = other.key === null ? '' : `; ${other.names.id} is set, but that is ${other.names.what}, which does not`;
  return new McIngestError(
    'MCI400',
    'config',
    `${names.id} and ${names.token} are not both set: ${names.what} ${names.purpose}${hint}`,
    {
      fix: `set ${names.id} and ${names.token} (or ${names.id}_FILE and ${names.token}_FILE)`,
    },
  );
}

/** Keys and endpoints from the environment. Throws MCI400 to MCI403 (exit 65) when something is missing or malformed. */
export function connectionFrom(env: Env, { needs, readFile, version, uuid }: ConnectionOptions): Connection {
  const ingestKey = keyFrom(INGEST, env, readFile);
  const graphqlKey = keyFrom(GRAPHQL, env, readFile);
  if (needs.ingest === true && ingestKey === null) throw missing(INGEST, { names: GRAPHQL, key: graphqlKey });
  if (needs.graphql === true && graphqlKey === null) throw missing(GRAPHQL, { names: INGEST, key: ingestKey });
  const base = (name: string, standard: string): string => {
    const given = env[name];
    return given === undefined || given === '' ? standard : endpointFrom(name, given);
  };
  return {
    endpoint: base('MC_INGEST_ENDPOINT', INGEST_BASE),
    graphqlEndpoint: base('MC_INGEST_GRAPHQL_ENDPOINT', GRAPHQL_BASE),
    ingestKey,
    graphqlKey,
    session: `mc-ingest-${version}-${uuid()}`,
  };
}
