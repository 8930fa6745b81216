import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, parameter, World, type Seen } from './world';

// Two clicks in one task: the second one comes before anything was drawn after the first, as it does for quick people on slow machines.
let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const workload = (tab: string, more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=${tab}&${world.range()}${more}`;
const clickAtOnce = (of: Locator, which: readonly number[]) =>
  of.evaluateAll((all, places) => {
    for (const place of places) {
      const one = all[place];
      if (!one) throw new Error(`there are ${all.length} to click, not ${place + 1}`);
      one.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    }
  }, which);
// Those with these texts.
const clickNamed = async (of: Locator, names: readonly string[]) => {
  await of.first().waitFor();
  const texts = await of.allInnerTexts();
  await clickAtOnce(of, names.map((name) => texts.findIndex((text) => text.trim() === name)));
};
const done = async ({ complaints, context }: Seen) => {
  expect(complaints).toEqual([]);
  await context.close();
};

test('49: two filters of spans that are chosen at once are both there; one that is taken away while another comes', async () => {
  const seen = await world.open('metered', `/traces/${known.D}`);
  const { page } = seen;
  const only = () => new URL(page.url()).searchParams.getAll('only');
  const labels = async () => (await page.getByTestId('span-filters').locator('.pf-v6-c-label__text').allInnerTexts()).map((one) => one.trim());
  await page.getByTestId('span-row').first().waitFor();
  const all = await page.getByTestId('span-row').count();
  await page.getByTestId('span-filter').click();
  const items = page.getByRole('menuitem').locator('label');
  await clickNamed(items, ['With errors', 'ratings']);
  await expect.poll(only).toEqual(['error:with', 'app:ratings']);
  await expect.poll(labels).toEqual(['Error: With errors', 'Application: ratings']);
  await expect.poll(() => page.getByTestId('span-row').count()).toBeLessThan(all);
  await clickNamed(items, ['With errors', 'reviews']);
  await expect.poll(only).toEqual(['app:ratings', 'app:reviews']);
  await expect.poll(labels).toEqual(['Application: ratings', 'Application: reviews']);
  await page.goBack(); // each is a step of the history
  await expect.poll(labels).toEqual(['Application: ratings']);
  await page.keyboard.press('Escape');
  await page.goForward();
  await expect.poll(labels).toEqual(['Application: ratings', 'Application: reviews']);
  await clickAtOnce(page.getByTestId('span-filters').locator('.pf-v6-c-label__actions button'), [0, 1]);
  await expect.poll(labels).toEqual([]);
  expect(only()).toEqual([]);
  await done(seen);
});

test('60: two containers that are hidden at once are both hidden, and come back so', async () => {
  const seen = await world.open('metered', workload('logs'));
  const { page } = seen;
  const boxes = page.getByTestId('log-source').locator('input');
  await page.getByTestId('log-row').first().waitFor();
  const names = await page.getByTestId('log-source').evaluateAll((all) => all.map((one) => one.getAttribute('data-container') ?? ''));
  const checked = () => boxes.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).checked));
  const kinds = () => page.getByTestId('log-row').evaluateAll((all) => all.filter((one) => one.getAttribute('data-kind') !== 'span').length);
  expect(await checked()).toEqual([true, true]);
  await clickAtOnce(boxes, [0, 1]);
  await expect.poll(checked).toEqual([false, false]);
  expect(parameter(seen, 'hideContainers')).toBe(names.toSorted().join(','));
  await expect.poll(kinds).toBe(0);
  await clickAtOnce(boxes, [1, 0]);
  await expect.poll(checked).toEqual([true, true]);
  expect(parameter(seen, 'hideContainers')).toBeNull();
  await expect.poll(kinds).toBeGreaterThan(0);
  await done(seen);
});

test('55: two quantiles, a group and no average that are chosen at once are all asked for', async () => {
  const seen = await world.open('metered', workload('in_metrics'));
  const { page } = seen;
  const duration = page.locator('[data-testid=metric-chart][data-chart="Request duration"]');
  await duration.waitFor();
  await page.getByTestId('metrics-settings').click();
  const items = page.getByRole('menuitem').locator('label');
  await clickNamed(items, ['Quantile 0.99', 'Quantile 0.5', 'Response code', 'Average']);
  const asked = () => new URLSearchParams(seen.requests.findLast((one) => one.includes('/dashboard?'))?.split('?')[1]);
  await expect.poll(() => asked().getAll('quantiles[]')).toEqual(['0.5', '0.99']);
  expect(asked().getAll('byLabels[]')).toEqual(['response_code']);
  expect(asked().get('avg')).toBe('false');
  expect([parameter(seen, 'quantiles'), parameter(seen, 'by'), parameter(seen, 'avg')]).toEqual(['0.5,0.99', 'response_code', 'false']);
  const chosen = async () => (await page.getByRole('menu').locator('label:has(input:checked)').allInnerTexts()).map((one) => one.trim());
  await expect.poll(chosen).toEqual(['Response code', 'Quantile 0.5', 'Quantile 0.99']);
  await clickNamed(items, ['Quantile 0.5', 'Average', 'Quantile 0.99', 'Response code']);
  await expect.poll(chosen).toEqual(['Average']);
  expect([parameter(seen, 'quantiles'), parameter(seen, 'by'), parameter(seen, 'avg')]).toEqual([null, null, null]);
  await done(seen);
});

test('16, 22: both series that are hidden at once, and two clicks on the head of a column', async () => {
  const seen = await world.open('metered', workload('traces'));
  const { page } = seen;
  const legend = page.locator('[data-testid^=legend-]');
  await legend.first().waitFor();
  const pressed = () => legend.evaluateAll((all) => all.map((one) => one.getAttribute('aria-pressed')));
  await clickAtOnce(legend, [0, 1]);
  await expect.poll(pressed).toEqual(['false', 'false']);
  expect(parameter(seen, 'hide')).toBe('all');
  await clickAtOnce(legend, [1, 0]);
  await expect.poll(pressed).toEqual(['true', 'true']);
  expect(parameter(seen, 'hide')).toBeNull();
  const head = page.getByTestId('trace-table').getByRole('columnheader', { name: 'Duration' });
  await clickAtOnce(head.getByRole('button'), [0, 0]);
  await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
  expect(parameter(seen, 'sort')).toBe('duration:asc');
  await done(seen);
});

test('50: two spans that are folded at once, two keys for a part of the time, two steps through what is found', async () => {
  const seen = await world.open('metered', `/traces/${known.A}`);
  const { page } = seen;
  const rows = page.getByTestId('span-row');
  await rows.first().waitFor();
  const all = await rows.count();
  const folds = rows.getByRole('button');
  const ids = await folds.evaluateAll((some) => some.slice(0, 2).map((one) => one.closest('[data-span]')?.getAttribute('data-span') ?? ''));
  await clickAtOnce(folds, [0, 1]);
  await expect.poll(() => rows.count()).toBe(1);
  expect(parameter(seen, 'folded')).toBe(ids.join(','));
  await clickAtOnce(folds, [0]);
  await expect.poll(() => rows.count()).toBeGreaterThan(1);
  expect(await rows.count()).toBeLessThan(all);
  expect(parameter(seen, 'folded')).toBe(ids[1]);
  await page.getByTestId('waterfall').evaluate((grid) => {
    for (let pressed = 0; pressed < 2; pressed += 1) grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'w', bubbles: true, cancelable: true }));
  });
  await expect.poll(() => parameter(seen, 'window')).toBe('15750-26250');
  await expect.poll(() => page.locator('.ms-ticks .ms-span-time span').first().innerText()).toBe('15.75ms');
  await page.goto(world.url('metered', `/traces/${known.A}?find=reviews`));
  const found = page.locator('[data-testid=span-row].ms-found');
  await found.nth(1).waitFor();
  const second = await found.nth(1).getAttribute('data-span');
  await clickAtOnce(page.getByRole('button', { name: 'Next', exact: true }), [0, 0]);
  await expect.poll(() => page.locator('[data-testid=span-row][aria-selected=true]').getAttribute('data-span')).toBe(second);
  expect(parameter(seen, 'spanId')).toBe(second);
  await done(seen);
});

test('56, 57: two boxes that are closed at once; two calls further; calls that are played once more', async () => {
  const seen = await world.open('metered', `/graph?graphType=versionedApp&boxBy=namespace&namespaces=bookinfo,istio-system&traceId=${known.D}&${world.range()}`);
  const { page } = seen;
  await page.getByTestId('hop').first().waitFor();
  const names = () => page.getByTestId('graph-node').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? '').sort());
  const before = await names();
  const folds = page.getByTestId('graph-fold');
  expect(await folds.evaluateAll((all) => all.map((one) => one.getAttribute('data-fold')))).toEqual(['Namespace bookinfo', 'Application reviews', 'Namespace istio-system']);
  await clickAtOnce(folds, [0, 2]);
  await expect.poll(names).toEqual(expect.arrayContaining(['bookinfo', 'istio-system']));
  expect(parameter(seen, 'closed')?.split(',')).toHaveLength(2);
  await clickAtOnce(folds, [0, 1]);
  await expect.poll(names).toEqual(before);
  expect(parameter(seen, 'closed')).toBeNull();
  const current = page.getByTestId('current-hop');
  await clickAtOnce(page.getByRole('button', { name: 'Next', exact: true }), [0, 0]);
  await expect.poll(() => current.innerText()).toContain('Call 2 of 4');
  expect(parameter(seen, 'hop')).toBe('2');
  await page.getByTestId('play').click();
  await expect.poll(() => current.innerText()).toContain('Call 4 of 4');
  await expect.poll(() => page.getByTestId('play').innerText()).toBe('Play');
  // The first call stands there for a moment only: the page itself looks.
  const playFromTheFirst = () =>
    Promise.all([
      page.waitForFunction(() => document.querySelector('[data-testid=current-hop]')?.textContent?.includes('Call 1 of 4')),
      page.getByTestId('play').click(),
    ]);
  await playFromTheFirst();
  await clickAtOnce(page.getByRole('button', { name: 'Next', exact: true }), [0, 0, 0]); // to the end by hand ends it, too
  await expect.poll(() => current.innerText()).toContain('Call 4 of 4');
  await playFromTheFirst();
  await expect.poll(() => current.innerText()).toContain('Call 4 of 4');
  await done(seen);
});
