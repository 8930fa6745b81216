import { source } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { atRest, type Consoles, type World } from './world';

type Found = { violations: Array<{ id: string; impact: string; nodes: Array<{ html: string }> }> };
const look = "window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })";

// What comes into sight is pale until it is there; what turns for ever is not waited for.
const settled = async () => {
  const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.all(ending.map((one) => one.finished.catch(() => undefined)));
};

// What a program finds against WCAG 2.1 AA on the page as it stands, as far as it is serious.
export async function seriousOn(page: Page): Promise<string[]> {
  await atRest(page);
  await page.evaluate(settled);
  await page.evaluate(source);
  const { violations } = (await page.evaluate(look)) as Found;
  return violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}

// By address: the test id of what is there once the page is, or what is done before it is looked at.
export type Pages = Record<string, string | ((page: Page) => Promise<void>)>;

// Looks at these pages, one after the other; nothing on them is serious.
export async function expectNone(world: World, console: Consoles, theme: string, pages: Pages): Promise<void> {
  const found: string[] = [];
  const { page, context } = await world.open(console, '/overview', { theme, safeColors: true });
  for (const [path, ready] of Object.entries(pages)) {
    await page.goto(world.url(console, path));
    await (typeof ready === 'string' ? page.getByTestId(ready).first().waitFor() : ready(page));
    found.push(...(await seriousOn(page)).map((one) => `${path}: ${one}`));
  }
  await context.close();
  expect(found, found.join('\n')).toEqual([]);
}
