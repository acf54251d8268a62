/** Makes an element. Everything from outside goes in as text or as an attribute's value, never as markup. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(Number.POSITIVE_INFINITY).filter((child) => child !== null && child !== undefined));
  return element;
}

export const $ = (id) => document.getElementById(id);

const DAY = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number) => String(number).padStart(2, '0');

/** `24 Nov 2026 15:09 UTC`; as it is when it is no time. */
export function time(iso, { seconds = false } = {}) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return String(iso);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  const rest = seconds ? `:${two(date.getUTCSeconds())}` : '';
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${rest} UTC`;
}

/** A count with its digits in threes; a string of digits keeps every one of them. */
export function count(value) {
  return String(value).replace(/^-?\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','));
}

export function plural(number, word) {
  return `${count(number)} ${word}${Number(number) === 1 ? '' : 's'}`;
}

/** Whether a life ends within a day. */
export function lapsesSoon(expire_at, now) {
  return typeof expire_at === 'string' && Date.parse(expire_at) - now < DAY;
}

/** How long a life still is: `lapses in 3 h, 24 Nov 2026 18:00 UTC`. */
export function life(expire_at, now) {
  if (expire_at === null || expire_at === undefined) return 'never lapses';
  return `lapses in ${duration(Date.parse(expire_at) - now)}, ${time(expire_at)}`;
}

export function duration(ms) {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 60 * 48) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

export async function ask(path, options) {
  const response = await fetch(path, options);
  if (response.status === 404) return null;
  const body = await response.json();
  if (!response.ok) throw new Error(body.message ?? `HTTP ${response.status}`);
  return body;
}
