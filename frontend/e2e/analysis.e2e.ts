import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatDuration } from '@/lib/duration';
import { heatColors, heatText } from '@/lib/heatmap';
import { dotOn, rgb, type Place, type Rgb } from './canvas';
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
  const shown = async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount')) - 1;
  const all = await shown();
  await page.getByRole('button', { name: /^Slower than/ }).click();
  const option = page.getByRole('option', { name: /^p75/ });
  await expect.poll(() => option.innerText()).toMatch(/^p75 \(\d+\.\d\dms\+\)$/);
  const ms = Number(/\(([\d.]+)ms/.exec(await option.innerText())?.[1]);
  await option.click();
  await expect.poll(() => new URL(page.url()).searchParams.get('percentile')).toBe('0.75');
  await expect.poll(() => requests.some((one) => one.includes('/traces?') && one.includes('minDuration='))).toBe(true);
  const asked = Number(new URLSearchParams(requests.findLast((one) => one.includes('minDuration='))?.split('?')[1]).get('minDuration'));
  expect(Math.abs(asked - 1000 * ms)).toBeLessThanOrEqual(6);
  await expect.poll(shown).toBeLessThan(all);
  expect(await shown()).toBeGreaterThan(0);
  // Only slow ones: each has a span of the workload's application that took as long.
  const { data } = await (await page.request.get(`${world.told.consoles.metered}/${requests.findLast((one) => one.includes('minDuration='))}`)).json();
  type Raw = { spans: Array<{ duration: number; processID: string }>; processes: Record<string, { serviceName: string }> };
  expect(data).toHaveLength(await shown());
  for (const one of data as Raw[]) {
    expect(Math.max(...one.spans.filter((span) => one.processes[span.processID]?.serviceName === 'details.bookinfo').map((span) => span.duration))).toBeGreaterThanOrEqual(asked);
  }
  await context.close();
});

test('25: a percentile that is not known is said, and filters nothing', async () => {
  const { page, context, requests } = await world.open('metered', '/overview');
  await page.route('**/api/stats/metrics', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), stats: {} } });
  });
  await page.goto(world.url('metered', tab('&percentile=0.99')));
  expect(await page.getByTestId('percentile-unknown').innerText()).toContain('p99');
  await page.getByTestId('trace-row').first().waitFor();
  expect(requests.filter((one) => one.includes('minDuration='))).toEqual([]);
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

test('45: traces like A: B with its numbers, the mean, a column is a trace; G is none of them', async () => {
  const { page, context, requests, complaints } = await world.open('metered', tab(`&limit=1000&traceId=${known.A}`));
  const similar = page.getByTestId('similar-traces');
  await similar.getByTestId('similar').waitFor();
  const { data } = await (await page.request.get(`${world.told.consoles.metered}/${requests.find((one) => one.includes('/details-v1/traces?'))}`)).json();
  type Raw = { traceID: string; spans: Array<{ startTime: number; duration: number; operationName: string }> };
  const long = (one: Raw) => Math.max(...one.spans.map((span) => span.startTime + span.duration)) - Math.min(...one.spans.map((span) => span.startTime));
  const average = (one: Raw) => one.spans.reduce((sum, span) => sum + span.duration, 0) / one.spans.length;
  await similar.getByRole('button', { name: /^All similar traces/ }).click();
  await page.getByTestId('similar-table').waitFor();
  const rows = await page.getByTestId('similar-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-trace')));
  expect(rows).toContain(known.B);
  expect(rows).not.toContain(known.G);
  expect(rows).not.toContain(known.A);
  expect(await page.getByTestId('similar-row').and(page.locator(`[data-trace="${known.B}"]`)).innerText()).toMatch(/24ms\s.*\+18 ms\s+0\.25/s);
  const others = (data as Raw[]).filter((one) => rows.includes(one.traceID));
  expect(others.length).toBe(rows.length);
  const a = (data as Raw[]).find((one) => one.traceID === known.A) as Raw;
  const mean = (of: (one: Raw) => number) => others.reduce((sum, one) => sum + of(one), 0) / others.length;
  for (const [row, of] of [['full', long], ['average', average]] as const) {
    const cell = similar.getByTestId(`similar-${row}`).locator('td').last();
    const value = (of(a) - mean(of)) / 1000;
    expect(await cell.innerText()).toBe(heatText(value));
    expect(await cell.evaluate((one) => getComputedStyle(one).backgroundColor)).toBe(rgb(heatColors(value).back));
  }
  await similar.scrollIntoViewIfNeeded();
  await world.shot(page, 'similar');
  const first = similar.getByTestId('similar').locator('button').first();
  const other = (await first.getAttribute('data-trace')) ?? '';
  const link = await similar.getByTestId('similar').getByRole('link').first().getAttribute('href');
  expect(link).toContain(`a=${known.A}&b=${other}`);
  const external = new URL((await similar.getByRole('link', { name: 'Compare with similar traces in Tracing' }).getAttribute('href')) ?? '');
  expect(external.origin + external.pathname).toBe(`http://jaeger.example.com/trace/${known.A}...${other}`);
  expect(external.searchParams.getAll('cohort').slice(0, 2)).toEqual([known.A, other]);
  await first.click();
  await expect.poll(() => page.getByTestId('selected-trace').locator('code').innerText()).toBe(other);
  await page.goBack();
  await expect.poll(() => page.getByTestId('selected-trace').locator('code').innerText()).toBe(known.A);
  await similar.getByTestId('similar').getByRole('link').first().click();
  await page.getByTestId('compared').waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test('27: with the value axis on spans, A stands at the mean of its spans', async () => {
  const { page, context } = await world.open('metered', tab(`&traceId=${known.A}`));
  const scatter = page.getByTestId('scatter');
  const chosen: Rgb = [0, 102, 204];
  // What the chart says of the bubble that is chosen, wherever it stands by now.
  const said = async () => {
    await page.mouse.move(0, 0);
    const place = await dotOn(scatter, chosen, 8);
    if (!place) return '';
    await scatter.hover({ position: { x: place.x, y: place.y + 4 } });
    await page.waitForTimeout(150);
    return (await page.getByTestId('flyout-value').allInnerTexts()).join();
  };
  await scatter.locator('canvas').waitFor();
  await expect.poll(said).toBe('42ms');
  const { data } = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.A}`)).json();
  const mean = data.spans.reduce((sum: number, span: { duration: number }) => sum + span.duration, 0) / data.spans.length;
  await page.getByRole('button', { name: /^Value axis/ }).click();
  await page.getByRole('option', { name: 'Spans average duration' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('axis')).toBe('spans');
  await expect.poll(said).toBe(formatDuration(mean));
  await context.close();
});

test('28: a bubble under the pointer: nothing is asked for at once, once after a while, and shown in six cells', async () => {
  // The newest of the rows in the table only come with what they are compared with; the bubble of F is none of them.
  const { page, context, requests } = await world.open('metered', tab('&limit=1000'));
  await page.getByTestId('heat-mini').first().waitFor();
  const asked = () => requests.filter((one) => one.startsWith('api/traces/heatmaps')).length;
  const before = asked();
  const scatter = page.getByTestId('scatter');
  const place = (await dotOn(scatter, [185, 218, 252], 12)) as Place; // the slowest: C
  // The clock of the page stands and is moved by hand: the pointer rests for 250 ms there, however long that takes.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await scatter.hover({ position: place });
  await page.getByTestId('flyout').waitFor();
  expect(await page.getByTestId('flyout-value').innerText()).toBe('2.4s');
  await page.waitForTimeout(250); // until the clock that it has set runs
  await page.clock.runFor(250);
  await page.mouse.move(0, 0);
  await page.getByTestId('flyout').waitFor({ state: 'detached' });
  await page.clock.resume();
  await page.waitForTimeout(600);
  expect(asked()).toBe(before);
  const sent = page.waitForRequest('**/api/traces/heatmaps');
  await scatter.hover({ position: place });
  expect((await sent).postDataJSON()).toEqual({ traceIDs: [known.C] });
  await page.getByTestId('flyout').getByTestId('heat-mini').waitFor();
  expect(await page.getByTestId('flyout').getByTestId('heat-mini').locator('span').count()).toBe(6);
  await world.shot(page, 'flyout');
  await page.mouse.move(0, 0);
  await page.getByTestId('flyout').waitFor({ state: 'detached' });
  await scatter.hover({ position: place });
  await page.getByTestId('flyout').waitFor();
  await page.waitForTimeout(600);
  expect(asked()).toBe(before + 1);
  await context.close();
});

test('45: two traces side by side, in the same time; a chosen span is in the address and leads to its trace', async () => {
  const { page, context, complaints } = await world.open('metered', `/traces/compare?a=${known.A}&b=${known.B}`);
  const [first, second] = [page.getByTestId('side-spanA'), page.getByTestId('side-spanB')];
  await expect.poll(() => first.getByTestId('span-row').count()).toBe(8);
  await expect.poll(() => second.getByTestId('span-row').count()).toBe(6);
  const width = async (side: typeof first) => (await side.getByTestId('bar').first().boundingBox())?.width ?? 0;
  const durations = await Promise.all([known.A, known.B].map(async (id) => (await (await page.request.get(`${world.told.consoles.metered}/api/traces/${id}/spans`)).json()).spans[0].duration as number));
  expect((await width(second)) / (await width(first))).toBeCloseTo((durations[1] ?? 0) / (durations[0] ?? 1), 1);
  await page.getByRole('treegrid', { name: /^Second/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).searchParams.get('spanB')).toBe(await second.getByTestId('span-row').nth(2).getAttribute('data-span'));
  expect(new URL(page.url()).searchParams.get('spanA')).toBeNull();
  await world.shot(page, 'side-by-side');
  await second.getByRole('link', { name: 'Show the chosen span' }).click();
  await page.getByTestId('span-panel').waitFor();
  expect(page.url()).toContain(`/traces/${known.B}?`);
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
  await expect.poll(() => page.getByTestId('flame-frame').filter({ hasText: 'details' }).count()).toBe(0);
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
