import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    environment: 'node', include: ['e2e/**/*.e2e.ts'], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false, isolate: false,
    expect: { poll: { timeout: Number(process.env.E2E_PATIENCE ?? 45_000) } }, // other builds may run beside it
  },
});
