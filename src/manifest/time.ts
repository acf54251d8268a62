const PARTS = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d:?\d\d)?$/;
const SENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/;

/**
 * A time as query logs carry it: UTC with `Z`, none or six digits of fraction (as the vendor's SDK writes it). A time
 * without a zone is read in the zone of the process. Anything that is not a time comes back as it is.
 */
export function utcTime(text: string): string {
  if (SENT.test(text) && !text.endsWith('.000000Z')) return text;
  const parts = PARTS.exec(text);
  if (parts === null) return text;
  const [, day, minute, second = '00', fraction = '', zone = ''] = parts;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const at = new Date(`${day}T${minute}:${second}${offset}`);
  if (Number.isNaN(at.getTime())) return text;
  const digits = fraction.slice(0, 6).padEnd(6, '0');
  return `${at.toISOString().slice(0, 19)}${digits === '000000' ? '' : `.${digits}`}Z`;
}
