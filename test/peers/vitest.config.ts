import { defineConfig } from 'vitest/config';

/**
 * Tests that need third-party servers, browsers or the vendor's SDK: one file after the other, so that they do not starve
 * each other. What is missing is a failure that says what to install.
 */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    exclude: ['node_modules/**'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
