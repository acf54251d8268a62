import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { needs } from './needs.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Window {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'dark' | 'light';
}

/** Opens the distribution's Chromium with a new profile; `close` ends it and forgets the profile. */
export async function openBrowser({ width, height, scheme }: Window): Promise<{
  readonly context: BrowserContext;
  close(): Promise<void>;
}> {
  const executablePath = needs('chromium', '/usr/bin/chromium', 'apt-get install chromium');
  const profile = mkdtempSync(join(tmpdir(), 'mc-ingest-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGUMENTS,
    viewport: { width, height },
    colorScheme: scheme,
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
