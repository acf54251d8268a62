import { readFileSync, statSync } from 'node:fs';

/** What a line of a password file is looked up by. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

const FIELD = /((?:\\.|[^:\\])*)(:|$)/gy;
const OTHERS_MAY_READ = 0o077;

/** The fields of a line; `\` takes the meaning of what follows it. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (const [, field = '', colon] of line.matchAll(FIELD)) {
    fields.push(field.replace(/\\(.)/g, '$1'));
    if (colon === '') break;
  }
  return fields;
}

/**
 * The password of the first line that fits, as libpq finds it: `host:port:database:user:password`, `*` for any, and
 * `localhost` for a Unix socket. A file that others may read is passed over. Undefined when there is none.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function passwordFromFile(path: string, { host, port, database, user }: Login): string | undefined {
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || (stats.mode & OTHERS_MAY_READ) !== 0) return undefined;
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const wanted = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    if (fields.length >= 5 && wanted.every((value, at) => fields[at] === '*' || fields[at] === value)) return fields[4];
  }
  return undefined;
}
