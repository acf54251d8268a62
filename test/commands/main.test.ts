import { expect, test } from 'vitest';
import { main } from '../../src/commands/main.ts';
import { folder } from '../config/support.ts';
import { context } from './config-context.ts';

const COMMANDS = ['init', 'validate', 'plan', 'apply', 'collect', 'push', 'state', 'schema', 'explain'];

async function run(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const world = context(await folder({ 'mc-ingest.yaml': 'version: 1\nproject: shop\n' }));
  const exit = await main(world.context, argv);
  return { exit, stdout: world.stdout(), stderr: world.stderr() };
}

test.each([
  [['vaildate'], 'validate'],
  [['validate', '--foramt', 'json'], '--format'],
  [['pln'], 'plan'],
])('%j is a usage error that names what was meant', async (argv, meant) => {
  const { exit, stdout, stderr } = await run(...argv);
  expect([exit, stdout]).toEqual([64, '']);
  expect(stderr).toContain(`Did you mean ${meant}?`);
});

test.each([
  ['validate', '--format', 'json', '--confg', 'x'],
  ['vaildate', '--format=json'],
  ['validate', 'extra', '--format', 'json'],
  ['explain', '--format', 'json'],
  ['collect', '--format', 'json'],
  ['validate', '--format', 'json', '--config', 'not-there.yaml'],
])('with --format json stdout is one document, also for %j %j', async (...argv) => {
  const { exit, stdout } = await run(...argv);
  expect([64, 65]).toContain(exit);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'mc-ingest.problems/1', problems: [{ severity: 'error' }] });
});

test('a usage error as JSON carries the suggestion as its fix', async () => {
  const { stdout } = await run('vaildate', '--format', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    problems: [{ code: 'MCI003', message: "unknown command 'vaildate'", fix: 'did you mean validate?' }],
  });
});

test.each(COMMANDS)('the help of %s shows how it is used', async (command) => {
  const { exit, stdout } = await run(command, '--help');
  expect(exit).toBe(0);
  expect(stdout).toMatch(new RegExp(`Examples:\n  \\$ mc-ingest ${command}`));
});

test('without a command the help is shown, and the exit code says that nothing was asked for', async () => {
  const { exit, stdout, stderr } = await run();
  expect([exit, stdout]).toEqual([64, '']);
  for (const command of COMMANDS) expect(stderr).toContain(`\n  ${command}`);
});

test.each([
  ['2027-01-01', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T10:00:00', '2027-01-01T10:00:00.000Z'],
  ['2027-01-01 10:00', '2027-01-01T10:00:00.000Z'],
  ['2027-01-01T10:00:00+02:00', '2027-01-01T08:00:00.000Z'],
])('--now %s is %s: without an offset it is UTC', async (given, meant) => {
  const { exit, stdout } = await run('plan', '--format', 'json', '--now', given);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ now: meant });
});

test.each(['2027-02-30', '2027-13-01', 'tomorrow', '2027-01-01T25:00:00Z'])('--now %s is no time', async (given) => {
  expect((await run('plan', '--now', given)).exit).toBe(64);
});
