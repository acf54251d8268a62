import { readFileSync } from 'node:fs';
import type { Reply } from './http.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};
/** Nothing but what this server serves itself: no inline script, no frame, no other origin. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The files of the page, by their path. */
export const PAGE_FILES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  ...Object.fromEntries(
    ['style.css', 'main.js', 'dom.js', 'graph.js', 'item.js', 'layout.js', 'lists.js', 'chart.js'].map((name) => [
      `/page/${name}`,
      name,
    ]),
  ),
};

/** One file of the page; null: no such file. */
export function page(path: string): Reply | null {
  const name = Object.hasOwn(PAGE_FILES, path) ? PAGE_FILES[path] : undefined;
  if (name === undefined) return null;
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' };
  return { status: 200, text: readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8'), headers };
}
