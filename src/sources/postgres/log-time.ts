/** Microseconds since the epoch: what a double holds exactly until the year 2255. */
export type Micros = number;

const PARTS = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: (\S+))?$/;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;
const MINUTE = 60_000;

interface Zone {
  readonly minutes: number;
  readonly label: string;
}

function zoneAt(format: Intl.DateTimeFormat, at: number): Zone {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const of = (name: string): number => Number(parts[name]);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return { minutes: Math.round((local - at) / MINUTE), label: parts['timeZoneName'] ?? '' };
}

/** Reads the times of a log written in the time zone `timezone`. Throws RangeError when there is no such zone. */
export function logTimes(timezone: string): (text: string) => Micros | null {
  const utc = /^(UTC|GMT|Etc\/UTC|Zulu)$/i.test(timezone);
  const numbers = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...numbers,
  });
  const known = new Map<string, number>();
  /** Minutes between local time and UTC. In the hour that comes twice, the label (CEST or CET) decides. */
  const offsetOf = (local: number, label: string): number => {
    const around = [-14, 0, 14].map((hours) => zoneAt(format, local - hours * 60 * MINUTE));
    const fits = around.filter(({ minutes }) => zoneAt(format, local - minutes * MINUTE).minutes === minutes);
    return (fits.find((zone) => zone.label === label) ?? fits[0] ?? around[1])?.minutes ?? 0;
  };
  return (text) => {
    const parts = PARTS.exec(text);
    if (parts === null) return null;
    const [, year, month, day, hour, minute, second, fraction = '', label = 'UTC'] = parts;
    const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
    const micros = Number(fraction.padEnd(6, '0'));
    const numeric = OFFSET.exec(label);
    let minutes = 0;
    if (numeric !== null) minutes = (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3] ?? 0));
    else if (!/^(UTC|GMT|Z)$/.test(label) || !utc) {
      if (utc) return null;
      const key = `${text.slice(0, 13)} ${label}`;
      minutes = known.get(key) ?? offsetOf(local, label);
      if (known.size > 10_000) known.clear();
      known.set(key, minutes);
    }
    return (local - minutes * MINUTE) * 1000 + micros;
  };
}

/** A time as ISO 8601 with six digits. */
export function isoOf(micros: Micros): string {
  const rest = ((micros % 1000) + 1000) % 1000;
  return `${new Date((micros - rest) / 1000).toISOString().slice(0, 23)}${String(rest).padStart(3, '0')}Z`;
}
