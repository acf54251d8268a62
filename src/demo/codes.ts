import type { CodeText } from '../errors.ts';

/** What can go wrong with the demo. */
export const DEMO_CODES = {
  MCI801: {
    title: 'the embedded PostgreSQL is not installed',
    text: 'The demo runs PostgreSQL inside its own process (PGlite), an optional dependency that this installation left out.\nInstall it: npm install @electric-sql/pglite @electric-sql/pglite-socket. Nothing else of mc-ingest needs it.',
  },
  MCI802: {
    title: 'the sandbox of the demo did not start',
    text: 'The demo starts `mc-ingest sandbox` beside itself, and that ended before it said where it listens.\nRun `mc-ingest sandbox` by itself to see why.',
  },
  MCI803: {
    title: 'a step of the demo failed',
    text: 'One of the commands that the demo shows ended with an error; what it said stands above.\nThe folder of the demo was kept, so that it can be looked at.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
