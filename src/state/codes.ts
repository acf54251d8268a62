import type { CodeText } from '../errors.ts';

/** What can go wrong with the state, its journal, its history and its lock. */
export const STATE_CODES = {
  MCI500: {
    title: 'the state is damaged',
    text: 'The stored state is cut short, unreadable, or not what its digest says. A plan made from it could delete or repeat work, so nothing was done and the file was left untouched.\nThe last 10 states are kept beside it in `generations/`. Move the damaged file away together with the newest generation, or restore both from a backup; then `mc-ingest plan` shows what differs.\nWhat was pushed is not in question: `mc-ingest state history` lists every receipt.',
  },
  MCI501: {
    title: 'a journal is damaged',
    text: 'The journal of a run holds a record that is not what was written (only a last record that was cut off by a crash is expected). It is the proof of what was sent, so it was left untouched and nothing was done.\nRestore it from a backup. If there is none, move it out of `journal/`, and compare the receipts in the log of that run with Monte Carlo before the next apply.',
  },
  MCI502: {
    title: 'the lock or a run record is damaged',
    text: 'A record beside the state cannot be read as what it should be. It was left untouched.\nFor the lock: make sure that no run is active, then move the lock file away with its generations. For a run record: restore it from a backup; the journal of the same name holds the same receipts.',
  },
  MCI503: {
    title: 'the state was written by a newer version',
    text: 'The format of the state is one that this version of mc-ingest does not know. Reading it by guess could lose what the newer version keeps there, so it was left untouched.\nUse the newer version of mc-ingest, or restore a state from before the upgrade.',
  },
  MCI504: {
    title: 'the state directory is not safe',
    text: 'The directory of the state is a symbolic link, is writable by everybody, or is no directory. Others could swap the state for their own.\nMake it a real directory that only you can write: `chmod 700 .mc-ingest`.',
  },
  MCI505: {
    title: 'the state cannot be read',
    text: 'The file system refused to give the state, its journal or its lock (permissions, a symbolic link in place of a file, a failing disk). Nothing was done.\nLook at the path in the message, and at who owns it.',
  },
  MCI506: {
    title: 'the state belongs to something else',
    text: 'The stored state names another project, or the pushed file has another lineage or an older serial. Applying one project over the state of another would delete what the other one made.\nCheck `project:` and `state.path:` in the configuration.',
  },
  MCI507: {
    title: 'no such item or run',
    text: 'The key is not in the state, or the run is not in the history.\n`mc-ingest state list` and `mc-ingest state history` show what is there.',
  },
  MCI508: {
    title: 'the name is taken',
    text: '`state mv` would put an item over another one, or change its kind. Nothing was changed.\nRemove the other one first (`mc-ingest state rm KEY`), if that is what is meant.',
  },
  MCI510: {
    title: 'the state is locked',
    text: 'Another run holds the lock. Two runs at once would send the same work twice.\nThe message names who holds it, since when, and when it lapses by itself if the holder is gone. `--lock-timeout 10m` waits for it; `mc-ingest state unlock TOKEN` takes it away from a holder that is surely dead.',
  },
  MCI511: {
    title: 'the lock was lost',
    text: 'This run could not renew its lock in time, or somebody took it over. No further request was started; what was sent is in the journal, and the next apply goes on from there.\nRuns that are paused for minutes (a suspended machine) lose their lock by design.',
  },
  MCI512: {
    title: 'that is not the lock',
    text: '`state unlock TOKEN` releases exactly the lock that was looked at. By now it is another one, or none.\nRun `mc-ingest state unlock` without a token to see who holds it.',
  },
  MCI513: {
    title: 'the state was changed by another run',
    text: 'While this run was at work, another one saved the state; this one may not overwrite it. What this run sent is in its journal, and the next apply folds it in.\nRun `mc-ingest apply` again.',
  },
  MCI520: {
    title: 'the state could not be saved',
    text: 'The storage refused the write (disk full, read-only, permissions). The state from before is intact. A recovery file with the new state was written if that was possible; the journal holds every receipt.\nMake room or mend the permissions, keep the recovery file, and run `mc-ingest apply` again: it folds the journal in.',
  },
  MCI521: {
    title: 'the journal could not be written',
    text: 'What is about to be sent must be on record first, and the storage refused the record. Nothing further was sent.\nMake room or mend the permissions, and run `mc-ingest apply` again.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
