import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../e2e/world';
import { framesWhileScrolling, mainThread, median, quantile, settled, watchTasks, type Cpu } from './measures';

// What the browser itself says of the pages: scenario 67. `CONSOLE_BENCH_RUNS`: how often each is measured (5); the median counts.
const kRuns = Number(process.env['CONSOLE_BENCH_RUNS'] ?? 5);
const kFrames = 400;
const kBudget = { firstLoad: 350_000, interactive: 1500, frame: 50, freeze: 500 };

type Line = { what: string; measured: string; runs: number[]; target: string; holds: boolean };
const lines: Line[] = [];

let world: World;
beforeAll(async () => {
  world = await World.start(fileURLToPath(new URL('bench_world.py', import.meta.url)));
});
afterAll(async () => {
  await world.stop();
  const width = Math.max(...lines.map((line) => line.what.length));
  process.stdout.write(`\n${lines.map((line) => `${line.what.padEnd(width)}  ${line.measured.padStart(10)}  (${line.target})${line.holds ? '' : '  MISSED'}`).join('\n')}\n`);
  if (process.env['CONSOLE_BENCH_JSON']) writeFileSync(process.env['CONSOLE_BENCH_JSON'], `${JSON.stringify(lines, null, 2)}\n`);
});

function tell(what: string, runs: readonly number[], unit: string, most: number | undefined): void {
  const value = median(runs);
  const round = unit === 'B' ? `${(value / 1000).toFixed(1)} kB` : `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
  const holds = most === undefined || value <= most;
  lines.push({ what, measured: round, runs: [...runs], target: most === undefined ? 'no target' : `at most ${unit === 'B' ? `${most / 1000} kB` : `${most} ${unit}`}`, holds });
  if (most !== undefined) expect(value, what).toBeLessThanOrEqual(most);
}

// A browser that knows nothing of the pages yet, as often as there are runs.
async function each(path: string, look: (page: Page, cpu: Cpu) => Promise<void>): Promise<void> {
  for (let run = 0; run < kRuns; run += 1) {
    const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', colorScheme: 'light' });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await page.addInitScript(watchTasks);
    const cpu = await mainThread(page);
    await page.goto(world.url('bench', path));
    await look(page, cpu);
    await context.close();
  }
}
const scripts = (page: Page) =>
  page.evaluate(() => (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter((one) => one.name.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0));

test('67: the first page loads little script', async () => {
  const bytes: number[] = [];
  const ready: number[] = [];
  const busy: number[] = [];
  await each('/overview', async (page, cpu) => {
    ready.push(await settled(page, '[data-testid=namespace-card]'));
    busy.push(await cpu());
    bytes.push(await scripts(page));
  });
  tell('first load of the overview: script, compressed', bytes, 'B', kBudget.firstLoad);
  tell('overview: interactive after', ready, 'ms', undefined);
  tell('the same: CPU of the main thread', busy, 'ms', undefined);
});

test('67: the Traces tab with a thousand traces is soon interactive', async () => {
  const ready: number[] = [];
  const busy: number[] = [];
  const bytes: number[] = [];
  await each('/namespaces/bookinfo/workloads/details-v1?tab=traces&rangeDuration=3600&limit=1000', async (page, cpu) => {
    ready.push(await settled(page, '[data-testid=trace-row]'));
    busy.push(await cpu());
    bytes.push(await scripts(page));
    expect(await page.getByTestId('meta').first().innerText()).toContain('1,000');
  });
  tell('Traces tab, 1 000 traces: interactive after', ready, 'ms', kBudget.interactive);
  tell('the same: CPU of the main thread', busy, 'ms', undefined);
  tell('Traces tab: script, compressed', bytes, 'B', undefined);
});

test('67: a waterfall of 5 000 spans scrolls smoothly', async () => {
  const ready: number[] = [];
  const busy: number[] = [];
  const worst: number[] = [];
  const frame: number[] = [];
  const typical: number[] = [];
  await each(`/traces/${world.told.traces?.['5000']}`, async (page, cpu) => {
    ready.push(await settled(page, '[data-testid=span-row]'));
    const opened = await cpu();
    busy.push(opened);
    const frames = await framesWhileScrolling(page, kFrames, 190);
    frame.push(((await cpu()) - opened) / kFrames);
    worst.push(quantile(frames, 0.99));
    typical.push(quantile(frames, 0.5));
    expect(await page.evaluate(() => document.querySelector('[data-testid=waterfall]')?.scrollTop)).toBeGreaterThan(10_000);
  });
  tell('waterfall of 5 000 spans: interactive after', ready, 'ms', undefined);
  tell('the same: CPU of the main thread', busy, 'ms', undefined);
  tell('the same, scrolled: CPU of the main thread in a frame', frame, 'ms', undefined);
  tell('the same, scrolled: frames, median', typical, 'ms', undefined);
  tell('the same, scrolled: frames, p99', worst, 'ms', kBudget.frame);
});

test('67: a trace of 50 000 spans opens and scrolls without freezing, and is never fetched as a whole', async () => {
  const ready: number[] = [];
  const busy: number[] = [];
  const longest: number[] = [];
  const worst: number[] = [];
  const frame: number[] = [];
  const jump: number[] = [];
  await each(`/traces/${world.told.traces?.['50000']}`, async (page, cpu) => {
    ready.push(await settled(page, '[data-testid=span-row]'));
    const opened = await cpu();
    busy.push(opened);
    const frames = await framesWhileScrolling(page, kFrames, 190);
    frame.push(((await cpu()) - opened) / kFrames);
    worst.push(quantile(frames, 0.99));
    const from = await page.evaluate(() => performance.now());
    await page.getByTestId('waterfall').focus();
    await page.keyboard.press('End');
    await page.locator('[data-testid=span-row][aria-rowindex="50000"]').waitFor();
    jump.push((await page.evaluate(() => performance.now())) - from);
    longest.push(await page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: { duration: number }[] }).tasks.map((task) => task.duration))));
    const asked = await page.evaluate(() => performance.getEntriesByType('resource').map((one) => one.name).filter((name) => /\/api\/traces\/[0-9a-f]+(\?|$)/.test(name)));
    expect(asked).toEqual([]);
  });
  tell('trace of 50 000 spans: interactive after', ready, 'ms', undefined);
  tell('the same: CPU of the main thread', busy, 'ms', undefined);
  tell('the same, scrolled: CPU of the main thread in a frame', frame, 'ms', undefined);
  tell('the same, scrolled: frames, p99', worst, 'ms', kBudget.frame);
  tell('the same: from the first row to the last', jump, 'ms', undefined);
  tell('the same: the longest that the page did not answer', longest, 'ms', kBudget.freeze);
});
