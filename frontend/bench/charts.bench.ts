import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, preview, type PreviewServer } from 'vite';
import type { Drawn } from './charts/main';
import { median } from './measures';

// Which canvas draws the bubbles of the Traces tab: the one of `src/components/traces` or the chart library, with as many as there can be.
const kRuns = Number(process.env['CONSOLE_BENCH_RUNS'] ?? 5) * 3;
const kPoints = 5000;

const out = mkdtempSync(join(tmpdir(), 'meshscope-charts-'));
let server: PreviewServer;
let browser: Browser;
beforeAll(async () => {
  const root = fileURLToPath(new URL('charts', import.meta.url));
  const settings = { root, configFile: false as const, logLevel: 'error' as const, build: { outDir: out, emptyOutDir: true } };
  await build({ ...settings, base: './', plugins: [react()], resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } } });
  server = await preview({ ...settings, preview: { port: 0, host: '127.0.0.1' } });
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(out, { recursive: true, force: true });
});

test('5 000 bubbles are drawn sooner by the canvas of the Traces tab than by the library', async () => {
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  const all: Record<'ours' | 'library', Drawn[]> = { ours: [], library: [] };
  for (let run = 0; run < kRuns; run += 1) {
    for (const which of ['ours', 'library'] as const) {
      all[which].push(await page.evaluate(([name, count]) => (globalThis as unknown as { charts: Record<string, (count: number) => Promise<Drawn>> }).charts[name as string]!(count as number), [which, kPoints] as const));
    }
  }
  const of = (which: 'ours' | 'library', what: keyof Drawn) => median(all[which].map((one) => one[what]));
  for (const what of ['drawn', 'move'] as const) {
    process.stdout.write(`5 000 bubbles, ${what}: ${of('ours', what).toFixed(2)} ms against ${of('library', what).toFixed(2)} ms, ${(of('library', what) / of('ours', what)).toFixed(1)} times\n`);
  }
  expect(of('ours', 'drawn')).toBeLessThan(of('library', 'drawn'));
});
