import { defineConfig } from 'vitest/config';

/** Tests against other people's programs: they install what they need, and take their time. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
