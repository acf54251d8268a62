import { describe, expect, it } from 'vitest';
import { sandbox } from '../../src/commands/sandbox.ts';
import type { CliContext, Output } from '../../src/context.ts';

async function started(isTTY: boolean): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const ending = new AbortController();
  const output: Output = {
    write: (more) => {
      text += more;
      ending.abort('SIGTERM');
    },
    isTTY,
    columns: 80,
  };
  const context: Partial<CliContext> = { stdout: output, cwd: '/', now: Date.now, signal: ending.signal };
  const code = await sandbox(context as CliContext, { port: 0, host: '127.0.0.1', delays: true });
  return { code, text };
}

describe('mc-ingest sandbox', () => {
  it('prints one JSON document into a pipe', async () => {
    const { code, text } = await started(false);
    expect(code).toBe(0);
    const document = JSON.parse(text) as { readonly endpoint: string; readonly env: Readonly<Record<string, string>> };
    expect(document.env).toMatchObject({
      MC_INGEST_ENDPOINT: document.endpoint,
      MC_INGEST_GRAPHQL_ENDPOINT: `${document.endpoint}/graphql`,
    });
  });

  it('prints the same on a terminal as lines to paste into another one', async () => {
    const { text } = await started(true);
    for (const name of ['MCD_INGEST_ID', 'MCD_INGEST_TOKEN', 'MCD_ID', 'MCD_TOKEN', 'MCD_RESOURCE_UUID'])
      expect(text).toMatch(new RegExp(`^export ${name}=\\S+$`, 'm'));
    expect(text).toMatch(/Page: http:\/\/127\.0\.0\.1:\d+\//);
  });
});
