import type { Code } from '../errors.ts';
import type { Answer } from './http-transport.ts';

/** What a request is about, for messages. */
export interface About {
  readonly to: 'ingest' | 'graphql';
  /** The resource it is for, if it names one. */
  readonly resource: string | null;
  /** Never shown: replaced by `***` wherever an answer repeats it. */
  readonly hidden: readonly string[];
}

/**
 * What an answer means. `later`: it had no effect and may be tried again. `doubt`: it may or may not have had one.
 * `final` doubts are not settled by sending again.
 */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly invocationId: string | null;
      readonly httpStatus: number;
      readonly data?: unknown;
    }
  | {
      readonly kind: 'refused';
      readonly code: Code;
      readonly message: string;
      readonly httpStatus: number;
      readonly tooLarge?: true;
      readonly keyRefused?: true;
    }
  | {
      readonly kind: 'later' | 'doubt';
      readonly code: Code;
      readonly message: string;
      readonly httpStatus: number | null;
      readonly retryAfter?: string;
      readonly timedOut?: boolean;
      readonly final?: true;
    };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SHOWN = 500;
const KEY_NAMES = {
  ingest: 'the ingestion key (MCD_INGEST_ID, MCD_INGEST_TOKEN)',
  graphql: 'the GraphQL API key (MCD_ID, MCD_TOKEN)',
};

/** The ways in which an answer may repeat a secret. */
function spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    base64,
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

/** An answer's text as it may be shown: no secret, no control character, at most 500 characters. */
export function shown(text: string, hidden: readonly string[]): string {
  let result = text;
  for (const value of hidden)
    if (value !== '') for (const spelling of spellings(value)) result = result.replaceAll(spelling, '***');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would drive the terminal
  result = result.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return result.length > SHOWN ? `${result.slice(0, SHOWN)}…` : result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Refusals of the key: which key, which resource, and which of the five checkpoints to look at. */
function keyRefused(status: 401 | 403, about: About, said: string): Verdict {
  const where = about.resource === null ? '' : ` for resource ${about.resource}`;
  const key = KEY_NAMES[about.to];
  const other = about.to === 'ingest' ? 'graphql' : 'ingest';
  const checks =
    status === 401
      ? about.to === 'ingest'
        ? `checkpoint 1: id or token is wrong, or was revoked; checkpoint 2: the key's scope is not Ingestion (is it ${KEY_NAMES[other]}?)`
        : `the id or token is wrong, or was revoked, or it is a key of scope Ingestion (is it ${KEY_NAMES[other]}?)`
      : about.to === 'ingest'
        ? "checkpoint 2: the key's scope must be Ingestion; checkpoint 3: resource.uuid must be right and be one this key is allowed for"
        : 'this key may not do this: it needs a role that may edit lineage, and must not be a key of scope Ingestion';
  const message = `${status === 401 ? 'HTTP 401' : 'HTTP 403'}: Monte Carlo refused ${key}${where}; ${checks}${said}`;
  return { kind: 'refused', httpStatus: status, keyRefused: true, code: status === 401 ? 'MCI411' : 'MCI412', message };
}

function hostOf(location: string | undefined): string {
  if (location === undefined || location === '') return 'nowhere (no Location)';
  try {
    return new URL(location, 'relative://same-host').host;
  } catch {
    return 'an unreadable Location';
  }
}

function refusal(status: number, headers: Readonly<Record<string, string>>, about: About, said: string): Verdict {
  if (status === 401 || status === 403) return keyRefused(status, about, said);
  if (status >= 300 && status < 400) {
    const message = `HTTP ${status}: redirected to ${hostOf(headers['location'])}; redirects are never followed, as the key would go along`;
    return { kind: 'refused', httpStatus: status, code: 'MCI414', message };
  }
  if (status === 413)
    return {
      kind: 'refused',
      httpStatus: 413,
      tooLarge: true,
      code: 'MCI413',
      message: `HTTP 413: the body is too large${said}`,
    };
  const where = about.resource === null ? '' : ` for resource ${about.resource}`;
  return {
    kind: 'refused',
    httpStatus: status,
    code: 'MCI410',
    message: `HTTP ${status}: Monte Carlo refused the request${where}${said}`,
  };
}

/** Statuses, the same for both endpoints; null for 2xx. */
function byStatus(answer: Extract<Answer, { kind: 'answer' }>, about: About): Verdict | null {
  const { status, headers, text } = answer;
  if (status >= 200 && status < 300) return null;
  const cut = shown(text, about.hidden);
  const said = cut === '' ? '' : `; it said: ${cut}`;
  const after = headers['retry-after'];
  const retry = after === undefined ? {} : { retryAfter: after };
  if (status === 429)
    return {
      kind: 'later',
      code: 'MCI420',
      httpStatus: 429,
      message: `HTTP 429: Monte Carlo throttles this key${said}`,
      ...retry,
    };
  if (status >= 500 || status === 408)
    return {
      kind: 'doubt',
      code: 'MCI422',
      httpStatus: status,
      message: `HTTP ${status}: the gateway failed${said}`,
      ...retry,
    };
  return refusal(status, headers, about, said);
}

function withoutStatus(answer: Exclude<Answer, { kind: 'answer' }>): Verdict {
  if (answer.kind === 'not_sent' && answer.stopped === true)
    return { kind: 'later', code: 'MCI002', httpStatus: null, message: 'interrupted before it was sent' };
  if (answer.kind === 'not_sent')
    return {
      kind: 'later',
      code: 'MCI421',
      httpStatus: null,
      message: `Monte Carlo cannot be reached: ${answer.reason}`,
    };
  const message = `sent, but no answer came: ${answer.reason}`;
  return { kind: 'doubt', code: 'MCI423', httpStatus: null, message, timedOut: answer.timedOut };
}

/** Reads the answer of a push endpoint. */
export function readPush(answer: Answer, about: About): Verdict {
  if (answer.kind !== 'answer') return withoutStatus(answer);
  const early = byStatus(answer, about);
  if (early !== null) return early;
  const httpStatus = answer.status;
  const type = answer.headers['content-type'] ?? '';
  if (/^\s*(text\/html|application\/xhtml)/i.test(type) || /^\s*<(!doctype|html)/i.test(answer.text)) {
    const message = `HTTP ${httpStatus} with a web page: a proxy may have answered in place of Monte Carlo`;
    return { kind: 'doubt', code: 'MCI424', httpStatus, message, final: true };
  }
  const body = answer.truncated ? undefined : parsed(answer.text);
  const id = isRecord(body) ? body['invocation_id'] : null;
  return { kind: 'accepted', invocationId: typeof id === 'string' && UUID.test(id) ? id : null, httpStatus };
}

/** Reads the answer of the GraphQL endpoint: errors in a 200 are failures, also with data. */
export function readGraphql(answer: Answer, about: About): Verdict {
  if (answer.kind !== 'answer') return withoutStatus(answer);
  const early = byStatus(answer, about);
  if (early !== null) return early;
  const httpStatus = answer.status;
  const body = answer.truncated ? undefined : parsed(answer.text);
  if (!isRecord(body)) {
    const message = `HTTP ${httpStatus} without a GraphQL answer: ${shown(answer.text, about.hidden) || '(empty)'}`;
    return { kind: 'doubt', code: 'MCI431', httpStatus, message };
  }
  const errors = body['errors'];
  if (Array.isArray(errors) && errors.length > 0) return graphqlErrors(errors, httpStatus, about);
  if (!isRecord(body['data']))
    return { kind: 'doubt', code: 'MCI431', httpStatus, message: 'the GraphQL answer has no data' };
  return { kind: 'accepted', invocationId: null, httpStatus, data: body['data'] };
}

function graphqlErrors(errors: readonly unknown[], httpStatus: number, about: About): Verdict {
  const first: unknown = errors[0];
  const extensions = isRecord(first) ? first['extensions'] : null;
  const code = isRecord(extensions) && typeof extensions['code'] === 'string' ? extensions['code'] : null;
  const texts = errors.map((error) =>
    isRecord(error) && typeof error['message'] === 'string' ? error['message'] : 'no message',
  );
  const said = shown(`${texts.join('; ')}${code === null ? '' : ` (${code})`}`, about.hidden);
  if (code === 'REQUEST_TIMEOUT')
    return {
      kind: 'doubt',
      code: 'MCI423',
      httpStatus,
      message: `Monte Carlo gave up on the request: ${said}`,
      timedOut: true,
    };
  if (code === 'REQUEST_IN_PROGRESS')
    return { kind: 'doubt', code: 'MCI432', httpStatus, message: `the same request is still running: ${said}` };
  return { kind: 'refused', code: 'MCI430', httpStatus, message: `Monte Carlo answered with errors: ${said}` };
}
