import {defineConfig} from 'vitest/config';

// Units and simulations run anywhere. `cluster` needs root and namespaces; it runs after the others
// and one file at a time, because a busy machine looks like a dead node to whoever measures
// silence.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**', 'test/bench/**', 'test/vm/**'],
          testTimeout: 20_000,
          sequence: {groupOrder: 0},
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: {groupOrder: 1},
        },
      },
    ],
  },
});
