import { defineConfig } from '@playwright/test';

// Started by e2e/run.py, which knows where everything is.
export default defineConfig({
  testDir: 'e2e',
  outputDir: process.env.LANEMQ_TEST_RESULTS ?? 'test-results',
  // One cluster, one browser at a time: tests see what the others made.
  workers: 1,
  // Generous: the machine may have other tests to run.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.LANEMQ_PORTAL ?? 'http://127.0.0.1:8080',
    launchOptions: {
      executablePath: process.env.LANEMQ_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    },
    locale: 'en',
    viewport: { width: 1360, height: 820 },
    // What a browser did, for who looks for a fault: recording it takes time.
    trace: process.env.LANEMQ_TRACES ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
  },
});
