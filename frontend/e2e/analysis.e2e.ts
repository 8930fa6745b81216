import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const tab = (more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}${more}`;

test('24: a percentile asks for traces above what was measured, and says how much that is', async () => {
  const { page, context, requests } = await world.open('metered', tab());
  await page.getByTestId('trace-row').first().waitFor();
  await page.getByRole('button', { name: /^Slower than/ }).click();
  const option = page.getByRole('option', { name: /^p75/ });
  await expect.poll(() => option.innerText()).toMatch(/^p75 \(\d+\.\d\dms\+\)$/);
  const ms = Number(/\(([\d.]+)ms/.exec(await option.innerText())?.[1]);
  await option.click();
  await expect.poll(() => new URL(page.url()).searchParams.get('percentile')).toBe('0.75');
  await expect.poll(() => requests.some((one) => one.includes('/traces?') && one.includes('minDuration='))).toBe(true);
  const asked = Number(new URLSearchParams(requests.findLast((one) => one.includes('minDuration='))?.split('?')[1]).get('minDuration'));
  expect(Math.abs(asked - 1000 * ms)).toBeLessThanOrEqual(6);
  await expect.poll(() => page.getByTestId('trace-row').count()).toBeGreaterThan(0);
  await context.close();
});

test('25: a percentile that is not known is said, and filters nothing', async () => {
  const { page, context } = await world.open('metered', '/overview');
  await page.route('**/api/stats/metrics', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), stats: {} } });
  });
  await page.goto(world.url('metered', tab('&percentile=0.99')));
  expect(await page.getByTestId('percentile-unknown').innerText()).toContain('p99');
  await page.getByTestId('trace-row').first().waitFor();
  await context.close();
});

test('45: a trace is taken, and another is compared with it', async () => {
  const { page, context, complaints } = await world.open('metered', tab(`&traceId=${known.A}`));
  await page.getByTestId('compare-mark').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('compare')).toBe(known.A);
  await page.goto(world.url('metered', tab(`&traceId=${known.B}&compare=${known.A}`)));
  await page.getByRole('link', { name: `Compare with ${known.A.slice(0, 7)}` }).click();
  await page.getByTestId('compared').waitFor();
  expect(await page.getByTestId('compared-duration').innerText()).toMatch(/42ms\s+24ms\s+-18ms/);
  expect(await page.getByTestId('compared-service').filter({ hasText: 'ratings' }).innerText()).toMatch(/5\.2ms\s+–\s+-5\.2ms/);
  const all = await page.getByTestId('compared-place').count();
  await page.getByRole('button', { name: 'Show: All places' }).click();
  await page.getByRole('option', { name: 'Only in the first' }).click();
  await expect.poll(() => page.getByTestId('compared-place').count()).toBeLessThan(all);
  expect(await page.getByRole('link', { name: 'Compare in Tracing' }).getAttribute('href')).toBe(`http://jaeger.example.com/trace/${known.A}...${known.B}`);
  await world.shot(page, 'compare');
  expect(complaints).toEqual([]);
  await context.close();
});

test('46: statistics and flames of a trace, with the keyboard', async () => {
  const { page, context, complaints } = await world.open('metered', `/traces/${known.A}`);
  await page.getByRole('button', { name: 'Statistics' }).click();
  await expect.poll(() => page.getByTestId('stats-row').count()).toBe(5);
  const facts = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.A}/spans`)).json();
  const self = facts.spans.filter((span: { service: string }) => span.service === 'reviews.bookinfo').reduce((sum: number, span: { selfTime: number }) => sum + span.selfTime, 0);
  expect(await page.getByTestId('stats-row').filter({ hasText: 'reviews' }).innerText()).toContain(`${self / 1000}ms`);
  await page.getByRole('button', { name: 'Flame' }).click();
  await page.getByTestId('flame-frame').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('details');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).searchParams.get('flame')).not.toBeNull();
  expect(await page.getByTestId('flame-frame').filter({ hasText: 'details' }).count()).toBe(0);
  await world.shot(page, 'flame');
  await page.goBack();
  await expect.poll(() => page.getByTestId('flame-frame').filter({ hasText: 'details' }).count()).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await context.close();
});

test('48: from a span to the logs of its workload around it', async () => {
  const { page, context } = await world.open('metered', `/traces/${known.G}`);
  await page.getByTestId('span-row').last().click();
  await page.getByTestId('around').getByRole('link', { name: 'Logs' }).click();
  await page.getByTestId('log-mark').waitFor();
  const { searchParams, pathname } = new URL(page.url());
  expect(pathname).toContain('/workloads/details-v1');
  expect(Number(searchParams.get('to')) - Number(searchParams.get('from'))).toBeLessThan(61_000);
  await expect.poll(() => page.getByTestId('log-mark').innerText()).toContain('3 rows');
  await context.close();
});
