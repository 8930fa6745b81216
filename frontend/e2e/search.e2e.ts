import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SearchResponse } from '@/api/schema.gen';
import { known, parameter, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

const rows = async (seen: Seen) => Number(await seen.page.getByTestId('trace-table').getAttribute('aria-rowcount')) - 1;
const open = async (more = ''): Promise<Seen> => {
  const seen = await world.open('full', `/traces?${world.range()}&limit=1000${more}`);
  await seen.page.getByTestId('facets').waitFor();
  return seen;
};

test('search: durations, services and spans of what was found; each narrows it, in the address, by keys too', async () => {
  const seen = await open();
  const all = await rows(seen);
  const answer = (await (await seen.page.request.get(`${world.told.consoles.full}/api/traces?startMicros=${world.told.now - 600e6}&endMicros=${world.told.now + 1000}&limit=1000`)).json()) as SearchResponse;
  expect(answer.data.length).toBe(all);
  const bins = seen.page.getByTestId('duration-bin');
  const counted = await bins.evaluateAll((list) => list.map((one) => Number(one.getAttribute('data-traces'))));
  expect(counted.reduce((a, b) => a + b, 0)).toBe(all);
  expect(await bins.last().getAttribute('aria-label')).toBe('2s to 5s: 1 traces, 0 with errors');
  const reviews = answer.data.filter((one) => one.services.some(({ name }) => name === 'reviews.bookinfo')).length;
  expect(await seen.page.locator('[data-service="reviews.bookinfo"]').innerText()).toContain(String(reviews));
  await bins.last().focus();
  await seen.page.keyboard.press('Enter');
  await expect.poll(() => rows(seen)).toBe(1);
  expect(await seen.page.getByTestId('trace-row').getAttribute('data-trace')).toBe(known.C);
  expect([parameter(seen, 'took'), await bins.last().getAttribute('aria-pressed')]).toEqual(['2000000-5000000', 'true']);
  expect(await seen.page.getByTestId('narrowed').innerText()).toContain(`1 of ${all} that were found`);
  await seen.page.reload();
  await expect.poll(() => seen.page.getByTestId('trace-row').count()).toBe(1);
  await seen.page.getByTestId('narrowed').getByRole('button', { name: 'Show all' }).click();
  await expect.poll(() => rows(seen)).toBe(all);
  await seen.page.getByRole('button', { name: /^Least spans/ }).click();
  await seen.page.getByRole('option', { name: '100 spans or more' }).click();
  await expect.poll(() => rows(seen)).toBe(answer.data.filter((one) => one.spans >= 100).length);
  await world.shot(seen.page, 'search-facets');
  expect(seen.requests.filter((one) => one.startsWith('api/traces?')).length).toBe(2); // one for each time that the page was loaded
  await seen.page.getByTestId('narrowed').getByRole('button', { name: 'Show all' }).click();
  await seen.page.getByTestId('service-facet').filter({ hasText: 'failed' }).first().click();
  await expect.poll(() => parameter(seen, 'service')).not.toBeNull();
  await seen.page.goBack();
  await seen.page.getByTestId('facets').waitFor();
  await expect.poll(() => parameter(seen, 'service')).toBeNull();
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('search: one is saved without its moment, taken again, dropped; a trace that was taken to compare is told', async () => {
  const seen = await open(`&errs=true&compare=${known.A}`);
  await expect.poll(() => rows(seen)).toBe(1);
  expect(await seen.page.getByTestId('compare-tray').innerText()).toContain(known.A.slice(0, 7));
  await seen.page.getByTestId('save-search').click();
  await seen.page.goto(world.url('full', `/traces?${world.range()}`));
  await seen.page.getByTestId('facets').waitFor();
  await seen.page.getByRole('button', { name: 'Saved searches, 1' }).click();
  await seen.page.getByRole('menuitem', { name: /with errors/ }).click();
  await expect.poll(() => [parameter(seen, 'errs'), parameter(seen, 'limit'), parameter(seen, 'from'), parameter(seen, 'compare')]).toEqual(['true', '1000', null, null]);
  await expect.poll(() => seen.page.getByTestId('save-search').isDisabled()).toBe(true);
  await seen.page.getByRole('button', { name: 'Saved searches, 1' }).click();
  await seen.page.getByRole('menuitem', { name: 'Drop the present one' }).click();
  await expect.poll(() => seen.page.getByTestId('saved-searches').getByRole('button').count()).toBe(1);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});
