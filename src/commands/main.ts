import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { reportFailure } from './failure.ts';

type Flags = Record<string, unknown>;
type Run = (context: CliContext, flags: never) => Promise<ExitCode>;

const CONFIG = new Option('--config <file>', 'the configuration').default('mc-ingest.yaml');
const SELECT = new Option(
  '--select <pattern...>',
  'only these: a key, a glob, flow:, source:, node:, tag:, +x (with what x needs), x+ (with what needs x)',
);
const EXCLUDE = new Option('--exclude <pattern...>', 'all but these (same patterns)');
const QUIET = new Option('--quiet', 'no progress, only results and problems');
const VERBOSE = new Option('--verbose', 'also show what is kept, and the causes of errors');
const NOW = new Option('--now <time>', 'pretend it is this time (ISO 8601)').argParser(time);
const ALLOW = new Option('--allow <guard...>', 'let a guard pass, by its name');
const LOCK_TIMEOUT = new Option('--lock-timeout <duration>', 'wait this long for the lock: 30s, 10m')
  .argParser(waitMs)
  .default(0);

/** A time without an offset is UTC, as everything else; a day that does not exist is no time. */
function time(text: string): number {
  const [, day, rest = ''] = /^(\d{4}-\d\d-\d\d)([T ].+)?$/.exec(text) ?? [];
  const zone = rest === '' || /(Z|[+-]\d\d:?\d\d)$/i.test(rest) ? '' : 'Z';
  const ms = day === undefined ? Number.NaN : Date.parse(`${text}${zone}`);
  if (Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw new InvalidArgumentError('Give an ISO 8601 time such as 2026-12-01T10:00:00Z.');
  return ms;
}

function waitMs(text: string): number {
  const match = /^(\d{1,6})(s|m|h)?$/.exec(text);
  if (match?.[1] === undefined) throw new InvalidArgumentError('Give a duration such as 30s or 10m.');
  return Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[(match[2] ?? 's') as 's' | 'm' | 'h'];
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65_535)) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return number;
}

function format(...choices: string[]): Option {
  return new Option('--format <format>', 'how the result is printed').choices(choices).default('text');
}

/** One command: its words here, its work in a module that is loaded when it is run. */
interface CommandWords {
  readonly usage: string;
  readonly what: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  readonly load: () => Promise<Run>;
  readonly args?: readonly string[];
}

const COMMANDS: readonly CommandWords[] = [
  {
    usage: 'init',
    what: 'write a starter file for a kind of source',
    options: [
      new Option('--source <type>', 'the kind of source').default('postgres'),
      new Option('--file <file>', 'where to').default('mc-ingest.yaml'),
      new Option('--ci <system>', 'also write the workflows of a CI system').choices(['github', 'gitlab']),
      new Option('--force', 'overwrite what is there'),
    ],
    examples: ['mc-ingest init --source postgres', 'mc-ingest init --source sql --ci github'],
    load: async () => (await import('./init.ts')).init,
  },
  {
    usage: 'validate',
    what: 'report every problem of the file, with its place',
    options: [CONFIG, format('text', 'json'), QUIET, VERBOSE],
    examples: ['mc-ingest validate', 'mc-ingest validate --format json | jq .problems'],
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    usage: 'plan',
    what: 'show what apply would do now, and why; changes nothing',
    options: [
      CONFIG,
      format('text', 'json', 'markdown'),
      new Option('--out <file>', 'save the plan for `apply FILE`'),
      new Option('--detailed-exitcode', 'exit 2 when there are changes'),
      SELECT,
      EXCLUDE,
      ALLOW,
      NOW,
      QUIET,
      VERBOSE,
    ],
    examples: [
      'mc-ingest plan',
      'mc-ingest plan --format markdown > comment.md',
      'mc-ingest plan --now 2027-01-01T00:00:00Z',
      'mc-ingest plan --select +node:orders',
    ],
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    usage: 'apply [plan]',
    what: 'carry the plan out and record every receipt',
    args: ['plan'],
    options: [
      CONFIG,
      format('text', 'json'),
      new Option('--yes', 'do not ask'),
      new Option('--expect <fingerprint>', 'refuse unless the plan has this fingerprint'),
      SELECT,
      EXCLUDE,
      ALLOW,
      LOCK_TIMEOUT,
      NOW,
      QUIET,
      VERBOSE,
    ],
    examples: [
      'mc-ingest apply',
      'mc-ingest apply plan.json',
      'mc-ingest apply --yes --expect 7b2e91c4',
      'mc-ingest apply --yes --select flow:shop_metadata',
    ],
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    usage: 'collect <flow...>',
    what: 'read flows into manifests; pushes nothing',
    args: ['flows'],
    options: [CONFIG, format('text', 'json'), new Option('--out <dir>', 'where the manifests go'), QUIET, VERBOSE],
    examples: ['mc-ingest collect shop_metadata', 'mc-ingest collect shop_metadata shop_lineage --out manifests'],
    load: async () => (await import('./collect.ts')).collect,
  },
  {
    usage: 'push <manifest...>',
    what: 'send manifests, record the receipts',
    args: ['manifests'],
    options: [CONFIG, format('text', 'json'), ALLOW, LOCK_TIMEOUT, QUIET, VERBOSE],
    examples: [
      'mc-ingest push .mc-ingest/manifests/shop_metadata/*.ndjson',
      'mc-ingest push lineage.ndjson --format json',
    ],
    load: async () => (await import('./push.ts')).push,
  },
  {
    usage: 'state <action> [args...]',
    what: 'list, show, rm, mv, pull, push, unlock, history',
    args: ['action', 'args'],
    options: [CONFIG, format('text', 'json', 'ndjson'), LOCK_TIMEOUT, QUIET, VERBOSE],
    examples: [
      'mc-ingest state list',
      'mc-ingest state show node:orders --format json',
      'mc-ingest state history',
      'mc-ingest state mv node:a node:b',
    ],
    load: async () => (await import('./state.ts')).state,
  },
  {
    usage: 'sandbox',
    what: 'a local Monte Carlo: push endpoints, GraphQL, and a page that shows what arrived',
    options: [
      new Option('--port <n>', 'where it listens (0: any free port)').argParser(port).default(0),
      new Option('--host <host>', 'the address it listens on').default('127.0.0.1'),
      new Option('--data <dir>', 'keep what arrives, across restarts'),
      new Option('--no-delays', 'GraphQL shows what was pushed at once, not after minutes as Monte Carlo does'),
    ],
    examples: ['mc-ingest sandbox --port 8484', 'mc-ingest sandbox --data .sandbox'],
    load: async () => (await import('./sandbox.ts')).sandbox,
  },
  {
    usage: 'demo',
    what: 'the whole loop on an embedded PostgreSQL and the sandbox, no account needed',
    options: [new Option('--serve', 'keep the page up at the end, also without a terminal')],
    examples: ['mc-ingest demo', 'mc-ingest demo --serve'],
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    usage: 'schema',
    what: 'print the JSON Schema of the file',
    options: [],
    examples: ['mc-ingest schema > mc-ingest.schema.json'],
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    usage: 'explain <code>',
    what: 'the long text of a code, or of the exit codes',
    args: ['code'],
    options: [],
    examples: ['mc-ingest explain MCI204', 'mc-ingest explain exit-codes'],
    load: async () => (await import('./explain-command.ts')).explainCommand,
  },
];

function add(program: Command, words: CommandWords, started: (run: Promise<Run>, flags: Flags) => Promise<void>): void {
  const command = program.command(words.usage).description(words.what);
  for (const option of words.options) command.addOption(option);
  command.addHelpText('after', `\nExamples:\n${words.examples.map((line) => `  $ ${line}`).join('\n')}`);
  command.action(async (...given: unknown[]) => {
    const positional = Object.fromEntries((words.args ?? []).map((name, index) => [name, given[index]]));
    await started(words.load(), { ...(given[words.args?.length ?? 0] as Flags), ...positional });
  });
}

/** Whether the result was to be JSON, seen also when the command line cannot be parsed. */
function asksForJson(argv: readonly string[]): boolean {
  return argv.some((word, at) => word === '--format=json' || (word === '--format' && argv[at + 1] === 'json'));
}

/** Parses the command line, runs one command, and returns the exit code. Never throws. */
export async function main(context: CliContext, argv: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const program = new Command('mc-ingest')
    .description('Feed Monte Carlo from any warehouse, declaratively and from git.')
    .version(context.version)
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  program.addHelpText(
    'after',
    '\nThe whole loop without an account:  mc-ingest demo\nExit codes:                         mc-ingest explain exit-codes',
  );
  let flags: Flags = {};
  for (const words of COMMANDS)
    add(program, words, async (run, given) => {
      flags = given;
      const colored = argv.includes('--no-color') ? { ...context, env: { ...context.env, NO_COLOR: '1' } } : context;
      exit = await (await run)(colored, given as never);
    });
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(
      argv.filter((word) => word !== '--no-color'),
      { from: 'user' },
    );
    return exit;
  } catch (error) {
    const json = flags['format'] === 'json' || asksForJson(argv);
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    return reportFailure(context, error, { json, verbose: flags['verbose'] === true });
  }
}
