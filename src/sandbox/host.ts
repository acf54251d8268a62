import type { IncomingHttpHeaders } from 'node:http';

const EVERYWHERE: readonly string[] = ['0.0.0.0', '::'];

function nameOf(authority: string): string {
  return authority
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

/**
 * Why the page and the control endpoints do not answer: a site elsewhere must not reach them through a name that it lets
 * point at this machine, nor by a form. Null: they answer. The API's own endpoints need no such care: they want a key.
 */
export function hostRefused(headers: IncomingHttpHeaders, listensOn: string): string | null {
  const { host = '', origin } = headers;
  const name = nameOf(host);
  if (!isLoopback(name) && name !== listensOn.toLowerCase() && !EVERYWHERE.includes(listensOn))
    return `this sandbox does not answer for ${name}: use its address, or start it with --host`;
  if (origin === undefined) return null;
  return origin.toLowerCase() === `http://${host.toLowerCase()}` ? null : 'another site may not use the sandbox';
}
