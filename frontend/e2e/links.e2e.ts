import { afterAll, beforeAll, expect, test } from 'vitest';
import { atRest, known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'nourl', 'badurl', 'linkonly');
});
afterAll(async () => world.stop());

const tab = `/namespaces/bookinfo/workloads/details-v1?tab=traces`;

test('31: link-only: the tab is an external link on every kind of page', async () => {
  for (const [kind, name] of [['applications', 'details'], ['workloads', 'details-v1'], ['services', 'details']] as const) {
    const { page, context } = await world.open('linkonly', `/namespaces/bookinfo/${kind}/${name}`);
    const link = page.getByTestId('external-traces');
    await link.waitFor();
    const href = new URL((await link.getAttribute('href')) ?? '');
    expect(href.origin + href.pathname).toBe('http://jaeger.example.com/search');
    expect(href.searchParams.get('service')).toBe('details.bookinfo');
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.locator('svg').count()).toBeGreaterThan(0);
    expect(await page.getByTestId('tab-traces').count()).toBe(0);
    await context.route('http://jaeger.example.com/**', (route) => route.fulfill({ body: 'Jaeger' }));
    const before = page.url();
    const [opened] = await Promise.all([context.waitForEvent('page'), link.click()]);
    await expect.poll(() => opened.url()).toContain('http://jaeger.example.com/search?');
    expect(page.url()).toBe(before);
    expect(await page.getByTestId('tab-info').getAttribute('aria-selected')).toBe('true');
    expect(context.pages()).toHaveLength(2);
    await context.close();
  }
});

test('35: View in Tracing opens one tab with the same search', async () => {
  const { page, context } = await world.open('full', `${tab}&${world.range()}`);
  const link = page.getByTestId('view-search');
  await link.waitFor();
  expect(new URL((await link.getAttribute('href')) ?? '').searchParams.get('service')).toBe('details.bookinfo');
  await context.route('http://jaeger.example.com/**', (route) => route.fulfill({ body: 'Jaeger' }));
  await Promise.all([context.waitForEvent('page'), link.click()]);
  await page.waitForTimeout(500); // another one would come after it
  expect(context.pages()).toHaveLength(2);
  await context.close();
});

test.each(['nourl', 'badurl'] as const)('2, 4: %s: no external link anywhere, and the setting is told where it is wrong', async (console) => {
  const { page, context } = await world.open(console, `${tab}&${world.range()}&traceId=${known.A}`);
  const places: Record<string, string> = {
    [`${tab}&${world.range()}&traceId=${known.A}`]: 'span-row',
    [`/traces?${world.range()}`]: 'trace-row',
    [`/traces/${known.D}?spanId=`]: 'span-row',
    [`/traces/compare?a=${known.A}&b=${known.B}`]: 'compared',
  };
  for (const [path, testId] of Object.entries(places)) {
    await page.goto(world.url(console, path));
    await page.getByTestId(testId).first().waitFor();
    if (path.includes('spanId')) {
      await page.getByTestId('span-row').last().click();
      await page.getByTestId('span-panel').waitFor();
    }
    // It is there once it is known whether there is tracing.
    await expect.poll(() => page.getByRole('link', { name: 'Traces', exact: true }).count(), { message: path }).toBe(1);
    expect(await page.getByTestId('external-tracing').count(), path).toBe(0);
    expect(await page.locator('a[target=_blank], a[href^="javascript:"]').count(), path).toBe(0);
  }
  await Promise.all([page.waitForResponse('**/api/status'), page.goto(world.url(console, '/status'))]);
  await page.getByTestId('component-tracing').waitFor();
  await atRest(page);
  const told = page.getByText('external_services.tracing.url must begin with http:// or https://; no links are made');
  await expect.poll(() => told.count()).toBe(console === 'badurl' ? 1 : 0);
  await context.close();
});
