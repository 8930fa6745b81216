import { source } from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => world.stop());

type Found = { violations: Array<{ id: string; impact: string; nodes: Array<{ html: string }> }> };
const look = "window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })";

test.each(['light', 'dark'])('14, 68: no violation of WCAG 2.1 AA that a program finds, %s', async (theme) => {
  const pages: Record<string, string> = {
    '/overview': 'namespace-card',
    [`/traces?${world.range()}`]: 'trace-row',
    '/workloads': 'object-row',
    '/status': 'component-tracing',
    [`/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}&traceId=${known.A}`]: 'span-row',
    [`/traces/${known.D}?critical=true`]: 'critical',
  };
  const found: string[] = [];
  const { page, context } = await world.open('full', '/overview', { theme });
  for (const [path, testId] of Object.entries(pages)) {
    await page.goto(world.url('full', path));
    await page.getByTestId(testId).first().waitFor();
    if (testId === 'critical') {
      await page.getByTestId('span-row').last().click();
      await page.getByTestId('flag').first().waitFor();
    }
    await page.evaluate(source);
    const { violations } = (await page.evaluate(look)) as Found;
    for (const one of violations) {
      if (['serious', 'critical'].includes(one.impact)) found.push(`${path}: ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
    }
  }
  expect(found).toEqual([]);
  await context.close();
});
