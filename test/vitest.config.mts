import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // The suites below share the machine's TAP interfaces and processor time: a few at once is enough.
    maxWorkers: 2,
  },
});
