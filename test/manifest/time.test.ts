import { afterEach, describe, expect, it } from 'vitest';
import { isNaive, isSentTime, utcTime } from '../../src/manifest/time.ts';

const zone = process.env['TZ'];
afterEach(() => {
  process.env['TZ'] = zone ?? 'UTC';
});

describe('a time of a query log', () => {
  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00.000000Z', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00.5Z', '2026-03-01T10:00:00.500000Z'],
    ['2026-03-01 10:00:00,25+00', '2026-03-01T10:00:00.250000Z'],
    ['2026-03-01t10:00z', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00.1234569Z', '2026-03-01T10:00:00.123456Z'],
    ['2026-01-01T00:30:00+02:00', '2025-12-31T22:30:00Z'],
    ['2026-06-01T05:45:00+0545', '2026-06-01T00:00:00Z'],
    ['2026-06-01T05:45:30+05:45:30', '2026-06-01T00:00:00Z'],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('%s is sent as %s', (given, sent) => {
    expect(utcTime(given)).toBe(sent);
    expect(isSentTime(sent)).toBe(true);
    expect(isSentTime(given)).toBe(given === sent);
  });

  it.each([
    '2026-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-03-00T10:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T10:60:00Z',
    '2026-03-01T10:00:60Z',
    '0000-03-01T10:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:00:00-02:00',
    '2026-03-01T10:00:00+24:00',
    '2026-03-01T10:00:00+02:60',
    '2026-03-01',
    'yesterday',
    '',
    '1772359200',
  ])('"%s" is none', (text) => {
    expect(utcTime(text)).toBeNull();
  });

  it('without a zone is read in the zone of the process, summer and winter', () => {
    process.env['TZ'] = 'America/New_York';
    expect(utcTime('2026-07-01T12:00:00')).toBe('2026-07-01T16:00:00Z');
    expect(utcTime('2026-01-01T12:00:00')).toBe('2026-01-01T17:00:00Z');
    expect(['2026-01-01T12:00:00', '2026-01-01T12:00:00Z', '2026-01-01T12:00:00-05'].map(isNaive)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
