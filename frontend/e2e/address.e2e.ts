import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpanFacts } from '@/api/schema.gen';
import { known, parameter, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const workload = (tab: string, more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=${tab}&${world.range()}${more}`;
const asTable = ({ page }: Seen, chart: string) => page.locator(`[data-testid=metric-chart][data-chart="${chart}"]`).getByRole('grid', { name: chart });

test('the tables beside charts are in the address: two that are opened at once, after a reload, on the way Back', async () => {
  const seen = await world.open('metered', workload('in_metrics', '&spans=true'));
  const { page, context, complaints } = seen;
  const toggle = (name: string) => page.locator(`[data-testid=metric-chart][data-chart="${name}"]`).getByRole('button', { name: 'As a table' });
  await toggle('Request duration').waitFor();
  expect(parameter(seen, 'tables')).toBeNull();
  // The second click comes before anything was drawn after the first one.
  await page.evaluate((charts) => {
    for (const name of charts) document.querySelector<HTMLElement>(`[data-chart="${name}"] .pf-v6-c-expandable-section button`)?.click();
  }, ['Request duration', 'Request volume']);
  await asTable(seen, 'Request volume').waitFor();
  await asTable(seen, 'Request duration').waitFor();
  expect(parameter(seen, 'tables')).toBe('Request duration,Request volume');
  await page.reload();
  await asTable(seen, 'Request volume').waitFor();
  await asTable(seen, 'Request duration').waitFor();
  await toggle('Request volume').click();
  await asTable(seen, 'Request volume').waitFor({ state: 'detached' });
  await page.getByTestId('span-points').getByRole('button').click();
  await page.getByTestId('span-point').first().waitFor();
  expect(parameter(seen, 'tables')).toBe('Request duration,spans');
  await page.getByTestId('span-point').first().getByRole('link').click();
  await page.getByTestId('span-panel').waitFor();
  await page.goBack();
  await page.getByTestId('span-point').first().waitFor();
  await asTable(seen, 'Request duration').waitFor();
  await toggle('Request duration').click();
  await page.getByTestId('span-points').getByRole('button').first().click();
  await page.getByTestId('span-point').first().waitFor({ state: 'detached' });
  await expect.poll(() => parameter(seen, 'tables')).toBeNull(); // as it was to begin with
  expect(complaints).toEqual([]);
  await context.close();
});

test('36, 45: the tables of the matrices and all similar traces are in the address, each by itself', async () => {
  const seen = await world.open('metered', workload('traces', `&traceId=${known.A}`));
  const { page, context, complaints } = seen;
  const [ofTrace, ofSpan] = [page.getByTestId('trace-heatmap'), page.getByTestId('span-heatmap')];
  await ofTrace.getByRole('button', { name: 'As a table' }).click();
  await ofTrace.getByTestId('heat-table').waitFor();
  await page.getByRole('button', { name: /^All similar traces/ }).click();
  await page.getByTestId('similar-table').waitFor();
  expect(parameter(seen, 'tables')).toBe('heat,similar');
  await page.reload();
  await page.getByTestId('similar-table').waitFor();
  await ofTrace.getByTestId('heat-table').waitFor();
  await page.getByTestId('span-row').last().click();
  await ofSpan.getByTestId('heatmap').waitFor();
  expect(await ofSpan.getByTestId('heat-table').count()).toBe(0); // that of the trace is another one
  await ofSpan.getByRole('button', { name: 'As a table' }).click();
  await ofSpan.getByTestId('heat-table').waitFor();
  expect(parameter(seen, 'tables')).toBe('heat,similar,spanHeat');
  await page.goBack();
  await page.getByTestId('similar-table').waitFor();
  await ofTrace.getByTestId('heat-table').waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test('56: the tables of the graph are in the address; a node that is chosen there, Back', async () => {
  const seen = await world.open('metered', `/graph?namespaces=bookinfo&${world.range()}`);
  const { page, context, complaints } = seen;
  await page.getByRole('button', { name: 'As a table' }).click();
  const nodes = page.getByTestId('graph-nodes');
  await nodes.waitFor();
  expect(parameter(seen, 'tables')).toBe('graph');
  await page.reload();
  await nodes.getByRole('button', { name: 'ratings v1' }).click();
  await page.getByTestId('graph-side').waitFor();
  await page.goBack();
  await page.getByTestId('graph-side').waitFor({ state: 'detached' });
  await nodes.waitFor();
  expect(parameter(seen, 'tables')).toBe('graph');
  await page.getByRole('button', { name: 'As a table' }).click();
  await nodes.waitFor({ state: 'detached' });
  expect(parameter(seen, 'tables')).toBeNull();
  expect(complaints).toEqual([]);
  await context.close();
});

test('48: which parts of what is told of a span are open is in the address, and stays at the next span', async () => {
  const seen = await world.open('metered', `/traces/${known.A}`);
  const { page, context, complaints } = seen;
  await page.getByTestId('span-row').last().click();
  const panel = page.getByTestId('span-panel');
  const part = (name: string) => panel.getByRole('grid', { name, exact: true });
  await part('Tags').waitFor();
  expect(await part('Process').count()).toBe(0);
  await panel.getByRole('button', { name: /^Process \(/ }).click();
  await part('Process').waitFor();
  await panel.getByRole('button', { name: /^Tags \(/ }).click();
  await part('Tags').waitFor({ state: 'detached' });
  expect(parameter(seen, 'parts')).toBe('process,tags');
  await page.reload();
  await part('Process').waitFor();
  expect(await part('Tags').count()).toBe(0);
  const before = parameter(seen, 'spanId');
  await page.getByTestId('span-row').first().click();
  await expect.poll(() => parameter(seen, 'spanId')).not.toBe(before);
  await expect.poll(() => page.getByTestId('span-row').first().getAttribute('aria-selected')).toBe('true'); // now the panel is that of this span
  await part('Process').waitFor();
  await panel.getByRole('button', { name: /^Tags \(/ }).click();
  await part('Tags').waitFor();
  await panel.getByRole('button', { name: /^Process \(/ }).click();
  await part('Process').waitFor({ state: 'detached' });
  expect(parameter(seen, 'parts')).toBeNull();
  expect(complaints).toEqual([]);
  await context.close();
});

test('64: the access line that is explained is in the address: a link to it, Back', async () => {
  const seen = await world.open('metered', workload('logs'));
  const { page, context, complaints } = seen;
  const lines = page.getByTestId('log-row').filter({ has: page.getByTestId('log-fields') });
  // The pane goes to its end first: what was last before is another line then.
  const total = Number(await page.getByTestId('log-pane').getAttribute('data-rows'));
  await page.locator(`[data-testid=log-row][aria-posinset="${total}"]`).waitFor();
  const place = await lines.last().getAttribute('aria-posinset');
  const row = page.locator(`[data-testid=log-row][aria-posinset="${place}"]`);
  const text = (await row.locator('[data-main]').innerText()).trim();
  await row.getByTestId('log-fields').click();
  const dialog = page.getByTestId('access-dialog');
  await expect.poll(() => dialog.innerText()).toContain(text);
  const link = page.url();
  await page.goBack();
  await dialog.waitFor({ state: 'detached' });
  await row.waitFor(); // Back at the lines, not where one was before them
  expect(parameter(seen, 'line')).toBeNull();
  await page.goto(link);
  await expect.poll(() => dialog.innerText()).toContain(text);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(parameter(seen, 'line')).toBeNull();
  await page.getByTestId('log-row').first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test('46: how many of many spans the table shows is in the address', async () => {
  const seen = await world.open('metered', '/overview');
  const { page, context, complaints } = seen;
  await page.route(`**/api/traces/${known.A}/spans?*`, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const [root] = body.spans as [SpanFacts];
    body.spans = Array.from({ length: 450 }, (_, at) => ({ ...root, spanID: `${at}`.padStart(16, '0'), relativeStart: at, operationName: `span ${at}` }));
    await route.fulfill({ response: answer, json: { ...body, total: 450 } });
  });
  await page.goto(world.url('metered', `/traces/${known.A}?view=table`));
  const rows = page.getByTestId('span-table-row');
  await expect.poll(() => rows.count()).toBe(200);
  await page.getByRole('button', { name: 'The first 200 of 450. Show more' }).click();
  await expect.poll(() => rows.count()).toBe(400);
  expect(parameter(seen, 'rows')).toBe('400');
  await rows.nth(300).getByRole('button').click();
  await page.getByTestId('span-panel').waitFor();
  await page.goBack();
  await page.getByTestId('span-panel').waitFor({ state: 'detached' });
  await page.reload();
  await expect.poll(() => rows.count()).toBe(400);
  expect(complaints).toEqual([]);
  await context.close();
});

test('16: the order of the traces is in the address, the usual one is not', async () => {
  const seen = await world.open('metered', workload('traces'));
  const { page, context, complaints } = seen;
  const start = page.getByTestId('trace-table').getByRole('columnheader', { name: 'Start' });
  const order = () => start.getAttribute('aria-sort');
  await start.getByRole('button').click();
  await expect.poll(order).toBe('ascending');
  expect(parameter(seen, 'sort')).toBe('start:asc');
  await page.reload();
  await start.waitFor();
  expect(await order()).toBe('ascending');
  await start.getByRole('button').click();
  await expect.poll(order).toBe('descending');
  expect(parameter(seen, 'sort')).toBeNull();
  expect(complaints).toEqual([]);
  await context.close();
});
