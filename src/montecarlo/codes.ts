import type { CodeText } from '../errors.ts';

/** What can go wrong between here and Monte Carlo. */
export const MONTE_CARLO_CODES = {
  MCI400: {
    title: 'a key is missing',
    text: `Monte Carlo has two keys. The ingestion key (MCD_INGEST_ID, MCD_INGEST_TOKEN; scope Ingestion) pushes metadata,
lineage and query logs. The GraphQL API key (MCD_ID, MCD_TOKEN) writes custom lineage, verifies and deletes.
Neither can do the work of the other. Set both variables of the key that is missing, or NAME_FILE with the
path of a file that holds the value.`,
  },
  MCI401: {
    title: 'an endpoint is not a safe address',
    text: `MC_INGEST_ENDPOINT and MC_INGEST_GRAPHQL_ENDPOINT say where the keys are sent, so only a plain https address
is taken: a host, perhaps a port and a path; no user name, no query, nothing that would be read as another host.
Plain http is for this machine alone (localhost, 127.0.0.0/8, ::1). Give the address your region or deployment uses.`,
  },
  MCI402: {
    title: 'a key is malformed',
    text: `The id or token is shorter than 8 characters, or holds blanks, line breaks or other characters no key has.
Most often something was lost or added in copying. Sending it would only be refused. Copy it again; one line break
at the end of a file is ignored.`,
  },
  MCI403: {
    title: 'the file of a key cannot be read',
    text: `A variable such as MCD_INGEST_TOKEN_FILE names a file which does not exist or may not be read by this user.
Nothing was sent. Check that the secret is mounted, and its permissions.`,
  },
  MCI410: {
    title: 'Monte Carlo refused the request',
    text: `The gateway answered 4xx: something about the request is wrong (400, 422), its address (404), or the two
do not go together. The same request would be refused again, so it is not repeated; the rest of the work goes on.
The message holds what the gateway said, and the trace id to give to the vendor.
Check the endpoint, the resource uuid, and that resource_type or log_type fits the resource.`,
  },
  MCI411: {
    title: 'a key was refused (401)',
    text: `The id or the token is wrong or was revoked, or it is the key of the other kind: the ingestion key belongs to
the push endpoints, the API key to GraphQL, and mixing them up is the commonest set-up error. No further
request is made with it. The message names the key and its variables: check both values, and the scope.`,
  },
  MCI412: {
    title: 'a key may not do this (403)',
    text: `The key is known but may not do what was asked. For a push: its scope must be Ingestion, and where the key is
restricted to warehouses, resource.uuid must be one of them. For GraphQL: it needs a role that may edit.
Nothing further is sent for this resource. Check the uuid first, then the key, or make a key for this warehouse.`,
  },
  MCI413: {
    title: 'a body was too large for the gateway (413)',
    text: `A body was split down to one event and this event alone was still too large. The others were sent.
Shorten what makes it large (the query text, the description, the number of columns), or leave it out.`,
  },
  MCI414: {
    title: 'the gateway redirected',
    text: `Redirects are never followed: the key and the data would go to another address. The endpoint is probably
wrong (a page, or http in place of https), or a proxy stands in between. Set the endpoint to the final address.`,
  },
  MCI415: {
    title: 'an event is over the limit by itself',
    text: `A body may hold 1,000,000 bytes as sent, or what batch.bytes says, and this one event is larger. It was not
sent; all others were. Shorten it, leave it out, or use compression: gzip if the gateway you use takes it.`,
  },
  MCI416: {
    title: 'a manifest names no resource',
    text: `Every push says which warehouse resource it is about. Only lineage may leave the resource out, where each
asset names its own. Nothing was sent. Set resource.uuid in the first line of the manifest.`,
  },
  MCI420: {
    title: 'throttled (429)',
    text: `The gateway asked for fewer requests. It was tried five times, waiting as long as it asked for (two minutes at
most). What was not accepted is still to be sent: run apply again later. Push a resource at most once an hour.`,
  },
  MCI421: {
    title: 'Monte Carlo cannot be reached',
    text: `No connection could be made in five tries: the name does not resolve, the port is closed or filtered, or TLS
failed. Nothing of the request was sent, so nothing is in doubt. Check the endpoint, the network, and the
certificates (NODE_EXTRA_CA_CERTS). Proxies from the environment are not used.`,
  },
  MCI422: {
    title: 'the gateway failed (5xx)',
    text: `The gateway answered that it failed, which does not say whether it took the body before. What can be repeated
without harm was sent up to three times; query logs and deletes were not repeated. Their fate is not known:
it is recorded as in doubt, and the next apply or resolve settles it.`,
  },
  MCI423: {
    title: 'no answer came',
    text: `The request was sent, and the connection was cut or the time was up (60 s for a push, 30 s for GraphQL) before
an answer came. It may have been taken. What can be repeated without harm was sent up to three times; the rest
is recorded as in doubt rather than sent twice.`,
  },
  MCI424: {
    title: 'a web page in place of an answer',
    text: `The status was a success but the content is HTML: most often a proxy or a login page. Whether Monte Carlo has
the data cannot be told, so it is in doubt. Check the endpoint and what stands between this machine and it.`,
  },
  MCI430: {
    title: 'GraphQL answered with errors',
    text: `GraphQL reports failures in an answer with status 200. Any error counts as a failure, also beside data: the
state is not advanced. The message holds what was said and its code. Check object types, ids and the resource.`,
  },
  MCI431: {
    title: 'a GraphQL answer without what it must hold',
    text: `The answer was no JSON, had no data, or lacked the MCON of what was made. A handle is never invented, so the
operation counts as in doubt; the next apply makes it again, which changes nothing if it was done.`,
  },
  MCI432: {
    title: 'the same request is still running',
    text: `GraphQL says the operation is in progress from an earlier try. It was waited for and asked again; it did not
end in time. It is in doubt: apply again in a minute.`,
  },
} as const satisfies Readonly<Record<string, CodeText>>;
