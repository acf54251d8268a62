import type { LockHolder } from './types.ts';

/** The pieces of the process and the machine that say who holds a lock. */
export interface ProcessPort {
  readonly pid: number;
  readonly hostname: string;
  /** Reads a small text file; throws when there is none. */
  readonly readFile: (path: string) => Promise<string>;
  /** Reads a symbolic link; with it, processes of different containers on one machine are told apart. */
  readonly readLink?: (path: string) => Promise<string>;
}

export type ProcessFacts = Pick<LockHolder, 'host' | 'boot_id' | 'pid' | 'pid_start' | 'user' | 'ci_url'> & {
  /** What became of a process of this machine: its start time, null when it is gone, undefined when that cannot be known. */
  readonly startOf: (pid: number) => Promise<string | null | undefined>;
};

type Env = Readonly<Record<string, string | undefined>>;

/** A link to the CI job that this is, as far as the environment tells (GitHub Actions, GitLab CI). */
export function ciUrl(env: Env): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id, CI_JOB_URL: gitlab } = env;
  if (server !== undefined && repository !== undefined && id !== undefined)
    return `${server}/${repository}/actions/runs/${id}`;
  return gitlab;
}

async function attempt(read: () => Promise<string>): Promise<string> {
  try {
    return (await read()).trim();
  } catch {
    return '';
  }
}

/** Start time in clock ticks since boot: field 22 of proc_pid_stat(5). A zombie counts as gone. The name may hold anything. */
function startIn(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

/** Who this process is. `boot_id` names the boot and the pid namespace: a pid means the same only within both. */
export async function processFacts(env: Env, port: ProcessPort): Promise<ProcessFacts> {
  const { pid, hostname, readFile, readLink } = port;
  const boot = await attempt(() => readFile('/proc/sys/kernel/random/boot_id'));
  const namespace = readLink === undefined ? '' : await attempt(() => readLink('/proc/self/ns/pid'));
  const startOf = async (of: number): Promise<string | null | undefined> => {
    if (boot === '') return undefined;
    const stat = await attempt(() => readFile(`/proc/${of}/stat`));
    return stat === '' ? null : startIn(stat);
  };
  const url = ciUrl(env);
  return {
    host: hostname,
    boot_id: boot === '' ? '' : [boot, namespace].filter((part) => part !== '').join(' '),
    pid,
    pid_start: (await startOf(pid)) ?? '',
    user: env['USER'] ?? env['LOGNAME'] ?? env['USERNAME'] ?? '',
    ...(url === undefined ? {} : { ci_url: url }),
    startOf,
  };
}
