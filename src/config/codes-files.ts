import type { CodeText } from '../errors.ts';

/** Codes of files and of the schema: MCI100 to MCI199. */
export const CONFIG_FILE_CODES = {
  MCI100: {
    title: 'a file cannot be read',
    text: `The file is missing, is a directory, a pipe or a device, or may not be read by this account.
Nothing can be checked or sent without it.
Make one with \`mc-ingest init\`, name yours with \`--config FILE\`, or correct the name under \`include:\`.`,
  },
  MCI101: {
    title: 'unknown key',
    text: `The file has a key that mc-ingest does not know, mostly a typing error.
It is refused and not ignored, because an ignored \`exlude:\` would push tables that were to stay out.
Take the key that is proposed, or look it up with \`mc-ingest schema\`; an editor completes keys with the schema line at the top of the file.`,
  },
  MCI102: {
    title: 'wrong type',
    text: `A value is of another kind than its key takes: text where a list is needed, a number where text is needed.
YAML reads \`1\` as a number and \`true\` as a switch: put text that looks like them in quotes.
The message names what is needed.`,
  },
  MCI103: {
    title: 'a required key is missing',
    text: `An entry lacks a key it cannot do without.
The fix names the key and says what it means.
Every file needs \`version: 1\` and \`project: NAME\`; nothing else is required.`,
  },
  MCI104: {
    title: 'a value that is not allowed',
    text: `The value is of the right type, but not one of those allowed, too small, too large, or not in the form needed.
Durations are written 90m, 12h, 30d or 2w. A project name has letters, digits, dot, dash and underscore.
The fix lists the values, or shows an example.`,
  },
  MCI105: {
    title: 'the text cannot be parsed',
    text: `The file is not valid YAML 1.2 or JSON at the place shown, and nothing in it was looked at further.
Common causes: a tab as indentation, a colon or a brace in text without quotes, a quote that is not closed.
Put text with \`: \`, \`#\`, \`{\`, \`[\` or \`*\` in it into quotes.`,
  },
  MCI106: {
    title: 'duplicate key',
    text: `The same key stands twice in one map, or the same name in two files.
Parsers silently keep the last one, so an item would vanish unseen.
Remove one, or give it another name.`,
  },
  MCI107: {
    title: 'not a text file',
    text: `The file holds binary data or is not UTF-8.
Was a compressed file or a wrong path given? Some editors save UTF-16: save it as UTF-8.`,
  },
  MCI108: {
    title: 'the file is too large',
    text: `A YAML file may have 1 MiB, all of them together 16 MiB; an included JSON file 64 MiB.
YAML of that size takes seconds and gigabytes to parse.
Split it with \`include:\`, and write machine-made lineage as JSON: it is read sixty times faster.`,
  },
  MCI109: {
    title: 'nested too deep',
    text: `Maps and lists may be nested 64 levels deep. No configuration needs that; such a file is broken, or made to break parsers.
Look for a loop in the program that wrote it.`,
  },
  MCI110: {
    title: 'too many aliases',
    text: `YAML aliases (\`*name\`) that repeat aliases can grow a small file to gigabytes, so their number is limited.
Write the values out.`,
  },
  MCI111: {
    title: 'a key that is not allowed',
    text: `\`__proto__\`, \`constructor\` and \`prototype\` are never keys here: in JavaScript programs they can change other objects.
Give the item another name.`,
  },
  MCI112: {
    title: 'YAML tags and directives are not taken',
    text: `The file is read as YAML 1.2 with its core schema; tags such as \`!!binary\` or \`!ENV\` and a \`%YAML 1.1\` line are refused.
Values come from the environment by \`\${NAME}\`, under resources, sources and state.`,
  },
  MCI113: {
    title: 'an include that is not followed',
    text: `\`include:\` reads YAML and JSON files inside the folder of the configuration, also behind symbolic links.
A path that leads out could read any file of the machine that runs CI. A glob that matches nothing is a warning.
Move the file into the folder, or correct the pattern.`,
  },
  MCI114: {
    title: 'cyclic include',
    text: `A file includes itself, directly or by way of another.
Remove one of the includes; a file that is reached in two ways is read once.`,
  },
  MCI115: {
    title: 'a reference is not allowed here',
    text: `\`\${…}\` is read under \`resources\`, \`sources\` and \`state\` only.
Elsewhere it could send a secret of the environment to Monte Carlo, by way of a pull request that nobody reads closely.
Write the value out.`,
  },
  MCI116: {
    title: 'a variable is not set',
    text: `The environment has no variable of this name.
Set it where the command runs (in CI: as a variable or secret of the job), or give a default: \`\${NAME:-default}\`.
For a secret, \`plan\` only warns: it opens no connection. \`validate\`, \`collect\` and \`apply\` need it.`,
  },
  MCI117: {
    title: 'a referenced file cannot be read',
    text: `\`\${file:path}\` names a file that is missing, too large, or may not be read by this account.
Relative paths start at the folder of the configuration.`,
  },
  MCI118: {
    title: 'a reference to a Monte Carlo key',
    text: `The keys of Monte Carlo (MCD_ID, MCD_TOKEN, MCD_INGEST_ID, MCD_INGEST_TOKEN, their _FILE forms and MCD_DEFAULT_API_*) may not be referenced,
under any name: what the file refers to can be sent to a warehouse or shown, and a pull request must not be able to get at a key.
mc-ingest takes the keys from the environment by itself. Remove the reference.`,
  },
  MCI119: {
    title: 'a secret that is written out',
    text: `Passwords, keys and addresses with a password in them are references only: \`"\${NAME}"\` or \`"\${file:/run/secrets/name}"\`, with no text around.
What is written in the file is in git for good. If it was committed, change the password.`,
  },
  MCI120: {
    title: 'the file is empty',
    text: `There is nothing in the file. It needs at least \`version: 1\` and \`project: NAME\`.
\`mc-ingest init --force\` writes a starter.`,
  },
  MCI121: {
    title: 'not a reference',
    text: `\`\${\` begins a reference, and this is none of \`\${NAME}\`, \`\${NAME:-default}\` and \`\${file:path}\`.
Names have letters, digits and underscores. A default cannot hold a closing brace.`,
  },
  MCI122: {
    title: 'a setting that an included file cannot have',
    text: `\`project\`, \`state\` and \`lineage.mark\` hold for all files together, so only the file itself says them.
In an included file they would be overheard, and the state would be somewhere else than it says.
Move the setting to the file that includes this one.`,
  },
  MCI123: {
    title: 'a file is already there',
    text: `\`init\` overwrites nothing by itself: what is there may be the work of somebody.
Name another file with \`--file\`, or overwrite with \`--force\`.`,
  },
  MCI124: {
    title: 'more problems than are shown',
    text: `A file has more than 1,000 problems. They mostly have one cause: a key that is missing in each of many entries, or a wrong default.
Mend the first ones, and validate again.`,
  },
} as const satisfies Readonly<Record<string, CodeText>>;
