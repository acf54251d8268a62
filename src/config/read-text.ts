import { open } from 'node:fs/promises';
import type { Fault } from './fault.ts';

const MIB = 1024 * 1024;
const LARGEST_YAML = MIB;
const LARGEST_JSON = 64 * MIB;

function unreadable(error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return {
      code: 'MCI100',
      message: 'there is no such file',
      fix: 'make one with mc-ingest init, or name yours with --config',
    };
  if (code === 'EISDIR') return { code: 'MCI100', message: 'this is a directory', fix: 'name a file' };
  return { code: 'MCI100', message: `the file cannot be read (${code ?? 'unknown'})`, fix: 'check who may read it' };
}

/** Offset of the first control character that no text file has, or -1. */
function binaryAt(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.search(/[\u0000-\u0008\u000e-\u001f]/);
}

/**
 * The text of a regular file of at most 1 MiB (JSON: 64 MiB) in UTF-8, or what is wrong with it. Opened without blocking
 * and looked at through its handle, so that a pipe or a device cannot hold the command up.
 */
export async function readText(path: string): Promise<{ readonly text: string; readonly fault?: Fault }> {
  const json = /\.json$/i.test(path);
  try {
    const { O_RDONLY, O_NONBLOCK } = (await import('node:fs')).constants;
    await using handle = await open(path, O_RDONLY | O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isDirectory()) return { text: '', fault: unreadable({ code: 'EISDIR' }) };
    if (!facts.isFile()) return { text: '', fault: { code: 'MCI100', message: 'this is no regular file' } };
    const limit = json ? LARGEST_JSON : LARGEST_YAML;
    if (facts.size > limit)
      return {
        text: '',
        fault: {
          code: 'MCI108',
          message: `the file has ${facts.size} bytes; at most ${limit} are read`,
          fix: 'split it with include:, or write machine-made lineage as JSON',
        },
      };
    return decode(await handle.readFile());
  } catch (error) {
    return { text: '', fault: unreadable(error) };
  }
}

function decode(bytes: Uint8Array): { readonly text: string; readonly fault?: Fault } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { text: '', fault: { code: 'MCI107', message: 'this is not UTF-8 text', fix: 'save it as UTF-8' } };
  }
  const offset = binaryAt(text);
  if (offset >= 0) return { text: '', fault: { code: 'MCI107', message: 'this is binary data, not text' } };
  if (text.trim() === '')
    return {
      text,
      fault: { code: 'MCI120', message: 'the file is empty', fix: 'start with version: 1 and project: NAME' },
    };
  return { text };
}
