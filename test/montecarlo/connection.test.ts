import { describe, expect, it } from 'vitest';
import { connectionFrom, endpointFrom, isLoopback } from '../../src/montecarlo/connection.ts';

const ALL = {
  MCD_INGEST_ID: 'ingest-id',
  MCD_INGEST_TOKEN: 'ingest-token',
  MCD_ID: 'graphql-id',
  MCD_TOKEN: 'graphql-token',
};
const base = { version: '0.1.0', uuid: () => '00000000-0000-4000-8000-000000000001', readFile: (): string => '' };
const from = (env: Record<string, string>, extra = {}) =>
  connectionFrom(env, { ...base, needs: { ingest: true, graphql: true }, ...extra });

describe('the connection', () => {
  it('takes both keys from the environment and the standard endpoints', () => {
    expect(from(ALL)).toEqual({
      endpoint: 'https://integrations.getmontecarlo.com',
      graphqlEndpoint: 'https://api.getmontecarlo.com/graphql',
      ingestKey: { id: 'ingest-id', token: 'ingest-token' },
      graphqlKey: { id: 'graphql-id', token: 'graphql-token' },
      session: 'mc-ingest-0.1.0-00000000-0000-4000-8000-000000000001',
    });
  });

  it('names the missing variables, what the key is for, and the key that was given in its place', () => {
    const { MCD_INGEST_TOKEN: _, ...env } = ALL;
    expect(() => from(env)).toThrow(
      /MCD_INGEST_ID and MCD_INGEST_TOKEN are not both set: the ingestion key .* pushes.*MCD_ID is set/,
    );
    expect(() => from({ MCD_INGEST_ID: 'ingest-id', MCD_INGEST_TOKEN: 'ingest-token' })).toThrow(
      /MCD_ID and MCD_TOKEN are not both set/,
    );
    expect(() => from(env)).toThrow(expect.objectContaining({ code: 'MCI400', exit: 'config' }));
  });

  it('asks only for the keys that are needed', () => {
    expect(connectionFrom({}, { ...base, needs: {} })).toMatchObject({ ingestKey: null, graphqlKey: null });
  });

  it('reads a key from a file, without the line break at its end', () => {
    const readFile = (path: string): string => (path === '/run/token' ? 'token-from-file\n' : 'wrong');
    const { MCD_TOKEN: _, ...env } = ALL;
    expect(from({ ...env, MCD_TOKEN_FILE: '/run/token' }, { readFile }).graphqlKey?.token).toBe('token-from-file');
  });

  it.each(['tiny-x', 'with blank in', 'line\nbreak-inside', 'bell\u0007-inside', 'schlüssel-wert'])(
    'refuses a malformed key without showing it',
    (bad) => {
      expect(() => from({ ...ALL, MCD_TOKEN: bad })).toThrow(expect.objectContaining({ code: 'MCI402' }));
      expect(() => from({ ...ALL, MCD_TOKEN: bad })).not.toThrow(bad);
    },
  );

  it.each([
    'https://integrations.eu1.getmontecarlo.com',
    'https://gateway.example.com:8443/base',
    'http://127.0.0.1:8099',
    'http://127.9.8.7',
    'http://localhost:1',
    'http://[::1]:8080',
  ])('takes %s as an endpoint', (address) => {
    expect(endpointFrom('MC_INGEST_ENDPOINT', address)).toBe(address);
  });

  it.each([
    'http://integrations.getmontecarlo.com',
    'https://getmontecarlo.com@evil.example',
    'https://user:pw@integrations.getmontecarlo.com',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1@evil.example',
    'http://0x7f000001',
    'http://2130706433',
    'http://127.1',
    'https://0x7f.1',
    'https://integrations.getmontecarlo.com.',
    'https://xn--integratons-zpb.getmontecarlo.com',
    'https://integrаtions.getmontecarlo.com',
    'https:\\\\integrations.getmontecarlo.com',
    'https://integrations.getmontecarlo.com\\@evil.example',
    'https://integrations.getmontecarlo.com?x=1',
    'https://integrations.getmontecarlo.com#x',
    'https://integrations.get\tmontecarlo.com',
    ' https://integrations.getmontecarlo.com',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'integrations.getmontecarlo.com',
    'https://',
    'http://[::ffff:127.0.0.1]',
  ])('refuses %s as an endpoint', (address) => {
    expect(() => endpointFrom('MC_INGEST_ENDPOINT', address)).toThrow(expect.objectContaining({ code: 'MCI401' }));
  });

  it('takes no host for this machine that only looks like it', () => {
    expect(['localhost', '127.0.0.1', '127.255.255.254', '::1'].every(isLoopback)).toBe(true);
    expect(['localhost.', '127.0.0.1.example.com', '128.0.0.1', '0.0.0.0', '10.0.0.1'].some(isLoopback)).toBe(false);
  });
});
