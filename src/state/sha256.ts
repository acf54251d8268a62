import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal of the UTF-8 of all parts, one after the other. */
export function sha256(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part, 'utf8');
  return hash.digest('hex');
}
