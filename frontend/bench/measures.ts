import type { Page } from 'playwright-core';

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
};
export const median = (values: readonly number[]): number => quantile(values, 0.5);

export type Cpu = () => Promise<number>;

// CPU time of the page's main thread so far, in ms: what other programs do on the machine is not in it.
export async function mainThread(page: Page): Promise<Cpu> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find((one) => one.name === 'TaskDuration')?.value ?? Number.NaN);
  };
}

type Watched = { tasks: { start: number; duration: number }[]; seen: Record<string, number> };

// Runs in the page before anything else: keeps the tasks of more than 50 ms.
export function watchTasks(): void {
  const kept = window as unknown as Watched;
  kept.tasks = [];
  kept.seen = {};
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) kept.tasks.push({ start: one.startTime, duration: one.duration });
  }).observe({ type: 'longtask', buffered: true });
}

// When the page could be used, in ms since it was asked for: what was waited for is painted, and no long task runs, which stays so for half a second.
// Looked for in each frame, by the page itself: who asks from outside asks every half second.
export function settled(page: Page, selector: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const quiet = 500;
    const kept = window as unknown as Watched;
    while (!document.querySelector(wanted)) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const painted = performance.now();
    for (;;) {
      const last = kept.tasks.reduce((end, task) => Math.max(end, task.start + task.duration), painted);
      if (performance.now() - last >= quiet) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, selector);
}

// Scrolls the waterfall a step in each frame; the times between frames.
export function framesWhileScrolling(page: Page, count: number, step: number): Promise<number[]> {
  return page.evaluate(
    async ({ count, step }) => {
      const rows = document.querySelector('[data-testid=waterfall]');
      if (!rows) throw new Error('no waterfall');
      const frames: number[] = [];
      let before = await new Promise<number>(requestAnimationFrame);
      for (let at = 0; at < count; at += 1) {
        rows.scrollTop += step;
        const now = await new Promise<number>(requestAnimationFrame);
        frames.push(now - before);
        before = now;
      }
      return frames;
    },
    { count, step },
  );
}
