import { afterAll, beforeAll, expect, test } from 'vitest';
import { heatColors, heatText } from '@/lib/heatmap';
import { rgb } from './canvas';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

test('36: the cells of G are its request minus what was measured, and look so', async () => {
  const { page, context, complaints, requests } = await world.open('metered', `/namespaces/bookinfo/workloads/details-v1?tab=traces&traceId=${known.G}&${world.range()}`);
  const grid = page.getByTestId('heatmap');
  await grid.waitFor();
  const answer = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.G}/heatmap?workload=details-v1&namespace=bookinfo`)).json();
  const values = answer.trace.cells.flat().map((cell: { value: number }) => cell.value);
  expect(values).toHaveLength(12);
  const shown = await grid.locator('[data-cell]').evaluateAll((all) =>
    all.map((one) => ({ said: one.textContent, back: getComputedStyle(one).backgroundColor, color: getComputedStyle(one).color })),
  );
  expect(shown).toEqual(
    values.map((value: number) => ({ said: heatText(value), back: rgb(heatColors(value).back), color: rgb(heatColors(value).text) })),
  );
  await grid.locator('[tabindex="0"]').focus();
  expect(await page.getByTestId('heat-told').innerText()).toMatch(/(faster|slower) than the 99th percentile over 10m: 5\.96ms against [\d.]+ms, \d+ requests/);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => page.getByTestId('heat-told').innerText()).toContain('90th percentile over 10m');
  await page.getByTestId('heat-mini').first().waitFor();
  expect(requests.filter((one) => one.startsWith('api/traces/heatmaps')).length).toBeGreaterThan(0);
  await page.getByTestId('trace-heatmap').scrollIntoViewIfNeeded();
  await world.shot(page, 'heatmap');
  expect(complaints).toEqual([]);
  await context.close();
});

test('36: the seed example: +0.4, +1.2, -4, -17.5, in their colours and words', async () => {
  const { page, context } = await world.open('metered', '/overview');
  const stats = [5.56, 4.76, 9.96, 23.46];
  await page.route(`**/api/traces/${known.G}/heatmap?*`, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.trace.cells[0] = stats.map((stat) => ({ value: 5.96 - stat, stat, samples: 42 }));
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=traces&traceId=${known.G}&${world.range()}`));
  const row = page.getByTestId('trace-heatmap').locator('[data-cell^="0 "]');
  await row.first().waitFor();
  expect(await row.allInnerTexts()).toEqual(['+0.4', '+1.2', '-4', '-17.5']);
  const looks = await row.evaluateAll((all) => all.map((one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]));
  expect(looks.map(([back]) => back)).toEqual(['#e4efac', '#e6e38e', '#a2da25', '#3e8635'].map(rgb));
  expect(looks.map(([, text]) => text)).toEqual(['#151515', '#151515', '#151515', '#f2f2f2'].map(rgb));
  await row.last().focus();
  expect(await page.getByTestId('trace-heatmap').getByTestId('heat-told').innerText()).toBe(
    '17.5ms faster than the 99th percentile over 10m: 5.96ms against 23.46ms, 42 requests (inbound, details-v1)',
  );
  expect(await row.last().getAttribute('title')).toContain('17.5ms faster');
  await page.getByRole('button', { name: 'Compared with metrics' }).click();
  await row.first().waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.get('heat')).toBe('off');
  await context.close();
});

test('37, 38: zero is a value; a cell without one says why', async () => {
  const { page, context } = await world.open('metered', '/overview');
  await page.route(`**/api/traces/${known.A}/heatmap`, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.trace.cells[0][0] = { value: 0, stat: 5, samples: 3 };
    body.trace.cells[0][1] = { missing: 'no_samples' };
    body.trace.cells[0][2] = { missing: 'upstream' };
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('metered', `/traces/${known.A}`));
  const cell = (at: string) => page.getByTestId('heatmap').locator(`[data-cell="${at}"]`);
  await cell('0 0').waitFor();
  expect(await cell('0 0').innerText()).toBe('0');
  expect(await cell('0 0').evaluate((one) => getComputedStyle(one).backgroundColor)).toBe(rgb('#e4f5bc'));
  expect(await cell('0 1').innerText()).toBe('n/a');
  await cell('0 1').hover();
  await expect.poll(() => page.getByTestId('heat-told').innerText()).toContain('no request was measured');
  await cell('1 1').hover();
  await expect.poll(() => page.getByTestId('heat-told').innerText()).not.toContain('no request was measured');
  await cell('0 1').focus();
  await expect.poll(() => page.getByTestId('heat-told').innerText()).toContain('no request was measured');
  expect(await cell('0 1').getAttribute('aria-label')).toContain('no request was measured');
  expect(await cell('0 2').getAttribute('aria-label')).toContain('Prometheus failed');
  expect(await cell('0 1').evaluate((one) => getComputedStyle(one).backgroundColor)).toBe(rgb('#e0e0e0'));
  const { trace } = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.A}/heatmap`)).json();
  expect(await cell('1 1').innerText()).toBe(heatText(trace.cells[1][1].value)); // the others are as they were
  await page.getByRole('button', { name: 'As a table' }).click();
  await expect.poll(() => page.getByTestId('heat-table').getByRole('row').count()).toBe(13);
  await context.close();
});

test('39: a trace that is looked at again is not asked for again', async () => {
  const { page, context, requests } = await world.open('metered', `/namespaces/bookinfo/workloads/details-v1?tab=traces&traceId=${known.A}&${world.range()}`);
  await page.getByTestId('heatmap').waitFor();
  await page.getByTestId('close-trace').click();
  await page.getByTestId('selected-trace').waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByTestId('heatmap').waitFor();
  await page.waitForTimeout(300); // it would be asked for by now, at the latest when all else has come
  await page.getByTestId('refresh').locator('.ms-busy').waitFor({ state: 'detached' });
  expect(requests.filter((one) => one.startsWith(`api/traces/${known.A}/heatmap`))).toHaveLength(1);
  await context.close();
});

test('40: F has 120 spans, and each is compared or says why not', async () => {
  const { page, context } = await world.open('metered', `/traces/${known.F}`);
  await page.getByTestId('heatmap').first().waitFor();
  expect(await page.getByTestId('trace-heatmap').getByTestId('partial').count()).toBe(0);
  const told = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.F}/heatmap`)).json();
  expect(told.spans).toHaveLength(120);
  for (const span of told.spans) for (const cell of span.cells.flat()) expect('value' in cell || 'missing' in cell).toBe(true);
  for (const at of [0, 59, 119]) {
    await page.goto(world.url('metered', `/traces/${known.F}?spanId=${told.spans[at].spanID}`));
    const cells = page.getByTestId('span-heatmap').locator('[data-cell]');
    await cells.first().waitFor();
    expect(await cells.allInnerTexts()).toEqual(told.spans[at].cells.flat().map((cell: { value?: number }) => (cell.value === undefined ? 'n/a' : heatText(cell.value))));
  }
  await context.close();
});

test('41: the matrix of a trace is the mean of those of its requests', async () => {
  const { page, context } = await world.open('metered', `/traces/${known.A}`);
  const cells = page.getByTestId('trace-heatmap').locator('[data-cell]');
  await cells.first().waitFor();
  const { spans } = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.A}/heatmap`)).json();
  type Mapped = { direction: string; cells: Array<Array<{ value?: number }>> };
  const inbound = (spans as Mapped[]).filter((span) => span.direction === 'inbound');
  expect(inbound.length).toBe(4);
  const means = [0, 1, 2].flatMap((row) =>
    [0, 1, 2, 3].map((column) => {
      const values = inbound.flatMap((span) => span.cells[row]?.[column]?.value ?? []);
      return heatText(values.reduce((sum, one) => sum + one, 0) / values.length);
    }),
  );
  expect(await cells.allInnerTexts()).toEqual(means);
  await context.close();
});

test('42: without an answer about metrics the waterfall still stands', async () => {
  const { page, context } = await world.open('metered', '/overview');
  await page.route('**/heatmap', (route) => route.fulfill({ status: 500, json: { error: 'broken', code: 'internal', requestId: '1' } }));
  await page.goto(world.url('metered', `/traces/${known.A}`));
  await page.getByTestId('span-row').first().waitFor();
  expect(await page.getByTestId('trace-heatmap').getByTestId('failure').innerText()).toContain('Could not fetch metrics stats');
  await page.unroute('**/heatmap');
  await page.getByTestId('trace-heatmap').getByRole('button', { name: 'Retry' }).click();
  await page.getByTestId('heatmap').waitFor();
  await context.close();
});

test('28, 36: each span of the table is held against metrics in six cells; its matrix is not asked for again', async () => {
  const { page, context, complaints, requests } = await world.open('metered', `/traces/${known.D}?view=table`);
  const row = page.getByTestId('span-table-row');
  await row.getByTestId('heat-mini').first().waitFor();
  const answer = await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.D}/heatmap`)).json();
  type Cell = { value?: number };
  const spans = answer.spans as Array<{ spanID: string; cells: Cell[][] }>;
  const told = (one: (typeof spans)[number]) => one.cells.slice(-2).flatMap((cells) => cells.slice(0, 3)).map((cell) => cell.value);
  const compared = spans.filter((one) => told(one).some((value) => value !== undefined));
  expect(compared.length).toBeGreaterThan(4);
  expect(await row.getByTestId('heat-mini').count()).toBe(compared.length);
  for (const one of compared) {
    const mini = page.locator(`[data-testid=span-table-row][data-span="${one.spanID}"]`).getByTestId('heat-mini');
    const shown = await mini.locator('span').evaluateAll((all) => all.map((cell) => getComputedStyle(cell).backgroundColor));
    expect(shown).toEqual(told(one).map((value) => rgb(value === undefined ? '#e0e0e0' : heatColors(value).back)));
    expect(await mini.getAttribute('aria-label')).toMatch(/average over 60m/);
  }
  expect(requests.filter((one) => one.includes(`${known.D}/heatmap`))).toHaveLength(1);
  await world.shot(page, 'span-table-compared');
  expect(complaints).toEqual([]);
  await page.route(`**/api/traces/${known.D}/heatmap**`, (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'prometheus' } }));
  await page.reload();
  await expect.poll(() => row.first().innerText()).toContain('no comparison');
  expect(await row.count()).toBe(8);
  await context.close();
});
