/** A time as people read it: the clock time on the day of `now`, else the date with it; whole days only the date. UTC. */
export function moment(time: string, now: string): string {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return time;
  if (time.startsWith('9999-12-31')) return 'never';
  const text = new Date(ms).toISOString();
  const [date, clock] = [text.slice(0, 10), text.slice(11, 16)];
  if (date === now.slice(0, 10)) return clock;
  return clock === '00:00' ? date : `${date} ${clock}`;
}
