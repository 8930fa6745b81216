import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Puts a packed twin beside each file that gains by it; the server sends what the browser takes.
function packed(): Plugin {
  return {
    name: 'packed-twins',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [name, item] of Object.entries(bundle)) {
          if (!/\.(js|css|svg|json)$/.test(name)) continue;
          const bytes = Buffer.from(item.type === 'chunk' ? item.code : item.source);
          if (bytes.length < 1400) continue;
          const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
          this.emitFile({ type: 'asset', fileName: `${name}.br`, source: brotli });
          this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(bytes, { level: 9 }) });
        }
      },
    },
  };
}

export default defineConfig({
  // Relative addresses: the server fills <base href> for its own web_root.
  base: './',
  plugins: [react(), packed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: process.env.CONSOLE_OUT ?? '../build/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    target: 'es2022',
  },
  server: { proxy: { '/api': process.env.CONSOLE_API ?? 'http://localhost:20001' } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
