import { defineConfig } from 'vitest/config';

/** Tests that need third-party servers. One file after the other; a server that is missing is a failure here. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    exclude: ['node_modules/**'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
