import type { CodeText } from '../errors.ts';

/** What can go wrong at the command line itself, or inside the tool. */
export const COMMAND_CODES = {
  MCI001: {
    title: 'unexpected failure',
    text: 'Something failed that the tool has no words for: a defect of ours, or of a library.\nRun the command again with --verbose: the causes are shown. What had been sent before is in the journal; `mc-ingest state history` lists every receipt.',
  },
  MCI002: {
    title: 'interrupted',
    text: 'A signal ended the run. Requests in flight were finished and recorded, the lock was released.\nRun `mc-ingest apply` again: it goes on with what is left.',
  },
  MCI003: {
    title: 'the command line is wrong',
    text: 'An unknown command or flag, a missing argument, or a value that a flag does not take.\n`mc-ingest COMMAND --help` shows the flags with examples.',
  },
  MCI004: {
    title: 'nobody to ask',
    text: 'apply asks before it changes anything, and there is no terminal to ask at.\nIn CI give --yes, or better a saved plan (`apply plan.json`) or the fingerprint that was reviewed (`apply --yes --expect …`).',
  },
  MCI005: {
    title: '--now is for rehearsals',
    text: 'apply takes --now only when both endpoints are loopback addresses (the sandbox): a pretended time must not decide what the real Monte Carlo is sent.\nUse `plan --now` to see what would happen then.',
  },
  MCI006: {
    title: 'unknown flow',
    text: 'collect takes the names of flows as they stand in the file under `flows:`.',
  },
  MCI007: {
    title: 'a file cannot be written',
    text: 'The file named by --out, a file of init, or the folder of the demo could not be written. Nothing was changed. Check the folder and its permissions.',
  },
  MCI008: {
    title: 'unknown code',
    text: 'explain takes a code as messages show it, such as MCI204, or the word exit-codes.',
  },
  MCI351: {
    title: 'freshness went backwards',
    text: 'The newest last_update_time of a collect is older than that of the last push. A restored backup or the wrong database looks like this, and freshness detectors would be misled.\nLook at the warehouse first. If it is right: --allow freshness-backwards.',
  },
  MCI350: {
    title: 'row counts collapsed',
    text: 'Row counts fell to zero in more than 30 % of at least 10 tables since the last push. A broken read or an emptied warehouse looks like this, and the volume detectors would all fire.\nLook at the warehouse first. If it is true: --allow row-collapse.',
  },
  MCI352: {
    title: 'a guard refuses the plan',
    text: 'The plan would do something that is rarely meant: delete or replace more than 30 % of at least 10 items, empty the project, touch a protected item, or work on the state of another project.\nRead the numbers in the message. If it is meant, let that guard pass by its name: --allow mass-delete | empty | protected | other-project. --yes never does.',
  },
  MCI353: {
    title: 'the plan is stale',
    text: 'The plan made again under the lock is not the one that was approved: the file, the state or the time has moved on.\nMake a new plan, read it, and apply that one.',
  },
  MCI354: {
    title: 'the saved plan cannot be read',
    text: 'The file given to apply is not a plan that `plan --out` wrote.\nMake it again with `mc-ingest plan --out plan.json`.',
  },
  MCI600: {
    title: 'no such kind of source',
    text: 'The file names a kind of source that this version of the tool cannot open: a defect of ours, as validate refuses kinds it does not know.\nLook at `type:` of the source, and whether two versions of mc-ingest are mixed.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
