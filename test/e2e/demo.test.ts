import { type ChildProcess, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { CLI, cli, ended, folder } from '../support/cli.ts';

it('shows the whole loop on an embedded PostgreSQL, ends with nothing to do, and leaves nothing behind', async () => {
  const place = await folder();
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('mc-ingest-demo-'));
  const before = await left();
  try {
    const { code, stdout, stderr } = await cli(['demo'], { cwd: place.path });
    expect(code, stderr).toBe(0);
    const typed = [...stdout.matchAll(/^\$ mc-ingest (\w+)/gm)].map(([, name]) => name);
    expect(typed).toEqual(['validate', 'plan', 'apply', 'plan']);
    expect(stdout).toMatch(/applied in [\d.]+ s/);
    expect(stdout).toMatch(/flow:shop_metadata {2}[0-9a-f-]{36} {2}10 events/);
    expect(stdout).toMatch(/flow:shop_lineage {2}[0-9a-f-]{36} {2}5 events/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^shop · 6 items · nothing to do until \d\d:\d\d UTC$/);
    expect(await left()).toEqual(before);
    expect(await readdir(place.path)).toEqual([]);
  } finally {
    await place.remove();
  }
}, 60_000);

/** Waits until a process has printed this. */
function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (more: Buffer) => {
        text += more.toString('utf8');
        if (text.includes(words)) resolve();
      });
  });
}

const STAGES: readonly (readonly [string, string, number])[] = [
  ['while the database boots', 'starting PostgreSQL', 130],
  ['while a command runs', '$ mc-ingest apply', 130],
  ['while the page is served', 'What arrived:', 0],
];

it.each(STAGES)(
  'leaves no process and no folder after Ctrl-C %s',
  async (_stage, until, code) => {
    const place = await folder();
    try {
      // A terminal sends Ctrl-C to the whole group, and npm hands it on once more.
      const child = spawn(process.execPath, [CLI, 'demo', '--serve'], {
        cwd: place.path,
        env: {
          PATH: process.env['PATH'] ?? '',
          TMPDIR: place.path,
          PGHOST: 'nowhere.invalid',
          HTTP_PROXY: 'http://127.0.0.1:1',
        },
        detached: true,
      });
      const group = -(child.pid ?? 0);
      const end = ended(child);
      if (until === undefined) await new Promise((resolve) => setTimeout(resolve, 250));
      else await said(child, until);
      process.kill(group, 'SIGINT');
      process.kill(child.pid ?? 0, 'SIGINT');
      const { code: exit, stderr } = await end;
      expect(exit, stderr).toBe(code);
      expect(() => process.kill(group, 0)).toThrow('ESRCH');
      expect(await readdir(place.path)).toEqual([]);
    } finally {
      await place.remove();
    }
  },
  30_000,
);

it('says where it could not make its folder', async () => {
  const place = await folder();
  try {
    const { code, stderr } = await cli(['demo'], { cwd: place.path, env: { TMPDIR: '/nonexistent' } });
    expect(code).toBe(1);
    expect(stderr).toContain('error[MCI007] no folder for the demo can be made in /nonexistent');
    expect(stderr).toContain('TMPDIR');
  } finally {
    await place.remove();
  }
});
