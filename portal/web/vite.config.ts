import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// A gateway for `npm run dev`: LANEMQ_PORTAL=http://127.0.0.1:8080 npm run dev
const gateway = process.env.LANEMQ_PORTAL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: process.env.LANEMQ_PAGES_DIR ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the pages forbids data: in scripts and styles, and everything inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        manualChunks: (id) => (/node_modules\/(react|react-dom|scheduler|@tanstack)\//.test(id) ? 'vendor' : undefined),
      },
    },
  },
  server: {
    proxy: {
      // The gateway refuses what another origin asks: it is told that it is its own.
      '/api': { target: gateway, changeOrigin: true, headers: { Origin: gateway } },
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    environment: 'node',
    setupFiles: ['scripts/browserGlobals.mjs'],
  },
});
