import { afterAll, beforeAll, expect, test } from 'vitest';
import { gate, known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const of = (tab: string, more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=${tab}&${world.range()}${more}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// What a panel asks, what it is called when that fails, and what is there when it does not.
const panels: ReadonlyArray<readonly [string, () => string, string, string, string]> = [
  ['traces of a workload', () => of('traces'), '**/details-v1/traces?*', 'Could not fetch traces', 'trace-row'],
  ['search', () => `/traces?${world.range()}`, '**/api/traces?*', 'Could not fetch traces', 'trace-row'],
  ['a trace', () => `/traces/${known.A}`, '**/api/traces/*/spans?*', 'Could not fetch trace', 'span-row'],
  ['metrics', () => of('in_metrics'), '**/dashboard?*', 'Could not fetch metrics', 'metric-chart'],
  ['logs', () => of('logs'), '**/workloads/details-v1/logs?*', 'Could not fetch', 'log-row'],
  ['a list', () => `/workloads?${world.range()}`, '**/api/clusters/workloads?*', 'Could not fetch the list', 'object-row'],
  ['services that fail', () => `/overview?${world.range()}`, '**/services/rates?*', 'Could not fetch metrics', 'service-row'],
  ['the graph', () => `/graph?namespaces=bookinfo&${world.range()}`, '**/api/namespaces/graph?*', 'Could not fetch the graph', 'graph-node'],
];

test.each(panels)('%s: failed, on its way, there, old, in part', async (_, path, asked, title, data) => {
  const { page, context } = await world.open('metered', '/overview');
  let mode: 'fails' | 'slow' | 'in part' = 'fails';
  const looked = gate();
  await page.route(asked, async (route) => {
    if (mode === 'fails') return route.fulfill({ status: 503, json: { error: 'it is away', code: 'upstream_unreachable', requestId: 'r1', upstream: 'jaeger' } });
    if (mode === 'slow') await looked.opened;
    const answer = await route.fetch();
    const body = await answer.json();
    if (mode === 'in part') body.meta.stoppedBy = 'time';
    return route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('metered', path()));
  const failure = page.getByTestId('failure').first();
  await failure.waitFor();
  expect(await failure.innerText()).toContain(title);
  expect(await failure.innerText()).toContain('it is away');
  expect(await page.getByTestId('empty').count()).toBe(0);
  mode = 'slow';
  await failure.getByRole('button', { name: 'Retry' }).click();
  await page.getByTestId('loading').first().waitFor();
  expect(await page.getByTestId('empty').count()).toBe(0);
  looked.open();
  await page.getByTestId(data).first().waitFor();
  await expect.poll(() => page.getByTestId('loading').count()).toBe(0); // cards beside it have rows of the same kind
  const there = await page.getByTestId(data).count();
  expect(await page.getByTestId('partial').count()).toBe(0);
  mode = 'fails';
  await page.getByTestId('refresh').click();
  await page.getByTestId('stale').first().waitFor();
  expect(await page.getByTestId(data).count()).toBe(there);
  expect(await page.getByTestId('failure').count()).toBe(0);
  mode = 'in part';
  await page.getByTestId('stale').first().getByRole('button', { name: 'Retry' }).click();
  await page.getByTestId('partial').first().waitFor();
  expect(await page.getByTestId('partial').first().innerText()).toContain('the time was up');
  await page.getByTestId('stale').first().waitFor({ state: 'detached' });
  await context.close();
});

test('what nobody waits for any more is cancelled, and the answer before it is pale until the next is there', async () => {
  const { page, context } = await world.open('metered', of('traces'));
  await page.getByTestId('trace-row').first().waitFor();
  const given: string[] = [];
  page.on('requestfailed', (request) => given.push(`${new URL(request.url()).searchParams.get('limit')} ${request.failure()?.errorText}`));
  const over = gate();
  await page.route('**/details-v1/traces?*', async (route) => {
    await (new URL(route.request().url()).searchParams.get('limit') === '50' ? over.opened : pause(1500));
    await route.continue().catch(() => undefined);
  });
  const choose = async (name: string) => {
    await page.getByRole('button', { name: /^Limit:/ }).click();
    await page.getByRole('option', { name, exact: true }).click();
  };
  await choose('50 traces');
  await page.locator('.ms-superseded[aria-busy=true]').waitFor();
  await choose('20 traces');
  await expect.poll(() => given).toEqual(['50 net::ERR_ABORTED']);
  await expect.poll(async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount'))).toBe(21);
  expect(await page.locator('.ms-superseded').count()).toBe(0);
  over.open();
  await context.close();
});

test('spans over charts: failed, none, in part; the charts stand', async () => {
  const { page, context } = await world.open('metered', '/overview');
  let mode: 'fails' | 'none' | 'in part' = 'fails';
  await page.route('**/details-v1/overlay?*', async (route) => {
    if (mode === 'fails') return route.fulfill({ status: 503, json: { error: 'it is away', code: 'upstream_unreachable', requestId: 'r1' } });
    const answer = await route.fetch();
    const body = await answer.json();
    if (mode === 'none') Object.assign(body, { points: [], buckets: [] });
    else body.meta.stoppedBy = 'backend';
    return route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('metered', of('in_metrics', '&spans=true')));
  const failed = page.getByTestId('spans-failed');
  await failed.waitFor();
  expect(await failed.innerText()).toContain('it is away');
  await page.getByTestId('metric-chart').first().waitFor();
  mode = 'none';
  await failed.getByRole('button', { name: 'Retry' }).click();
  await page.getByTestId('spans-none').waitFor();
  mode = 'in part';
  await page.getByTestId('refresh').click();
  await expect.poll(() => page.getByTestId('partial').allInnerTexts()).toEqual([expect.stringContaining('the backend broke off')]);
  expect(await page.getByTestId('metric-chart').count()).toBe(12);
  await context.close();
});

test('tags that cannot be fetched: the span is told without them, and once more', async () => {
  const { page, context } = await world.open('metered', '/overview');
  await page.route(`**/api/traces/${known.D}`, (route) => route.fulfill({ status: 504, json: { error: 'too slow', code: 'deadline', requestId: 'r1' } }));
  await page.goto(world.url('metered', `/traces/${known.D}`));
  await page.getByTestId('span-row').last().click();
  const panel = page.getByTestId('span-panel');
  await panel.getByTestId('failure').waitFor();
  expect(await panel.innerText()).toContain('503');
  expect(await panel.getByTestId('failure').innerText()).toContain('too slow');
  await page.unroute(`**/api/traces/${known.D}`);
  await panel.getByRole('button', { name: 'Retry' }).click();
  await panel.getByRole('grid', { name: 'Tags' }).waitFor();
  await context.close();
});
