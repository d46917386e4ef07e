import {defineConfig} from 'vitest/config';

// One virtual machine at a time, except where a test is about two of them: each needs a whole core.
export default defineConfig({
  test: {
    name: 'vm',
    include: ['test/vm/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
