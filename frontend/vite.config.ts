import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// What a browser has to fetch before the first page shows, gzip.
const kFirstLoad = 350_000;

// Puts a packed twin beside each file that gains by it, of which the server sends what the browser takes; holds the first load to its bound.
function packed(): Plugin {
  return {
    name: 'packed-twins',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const packedBytes = new Map<string, number>();
        for (const [name, item] of Object.entries(bundle)) {
          if (!/\.(js|css|svg|json)$/.test(name)) continue;
          const bytes = Buffer.from(item.type === 'chunk' ? item.code : item.source);
          if (bytes.length < 1400) continue;
          const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
          this.emitFile({ type: 'asset', fileName: `${name}.br`, source: brotli });
          const gzip = gzipSync(bytes, { level: 9 });
          this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzip });
          packedBytes.set(name, gzip.length);
        }
        const first = new Set<string>();
        const follow = (name: string) => {
          const item = bundle[name];
          if (first.has(name) || item?.type !== 'chunk') return;
          first.add(name);
          item.imports.forEach(follow);
        };
        for (const item of Object.values(bundle)) if (item.type === 'chunk' && item.isEntry) follow(item.fileName);
        const bytes = [...first].reduce((sum, name) => sum + (packedBytes.get(name) ?? 0), 0);
        if (bytes > kFirstLoad) this.error(`the first load is ${bytes} bytes of compressed script; at most ${kFirstLoad} are meant to be`);
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
