import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Peers are servers and browsers: one at a time, so that they do not starve each other.
    fileParallelism: false,
  },
});
