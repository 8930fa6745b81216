import { afterAll, beforeAll, expect, test } from 'vitest';
import { dotOn, type Rgb } from './canvas';
import { known, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const path = (more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=in_metrics&${world.range()}${more}`;
const open = (more = ''): Promise<Seen> => world.open('metered', path(more));
const chart = (seen: Seen, name: string) => seen.page.locator(`[data-testid=metric-chart][data-chart="${name}"]`);

const dot = (seen: Seen, name: string, rgb: Rgb) => dotOn(chart(seen, name), rgb);

test('52: the charts, and spans of details-v1 over them; G took 5.96 ms', async () => {
  const seen = await open('&spans=true&spanLimit=100');
  await chart(seen, 'Request duration').locator('canvas').first().waitFor();
  expect(await seen.page.getByTestId('metric-chart').count()).toBe(12);
  await seen.page.getByTestId('span-points').getByRole('button').click();
  await seen.page.getByTestId('span-point').first().waitFor();
  const rows = await seen.page.getByTestId('span-point').allInnerTexts();
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.some((row) => row.includes('5.96ms'))).toBe(true);
  const told = await (await seen.page.request.get(`${world.told.consoles.metered}/api/namespaces/bookinfo/workloads/details-v1/spans?limit=100&startMicros=${world.told.now - 600e6}&endMicros=${world.told.now + 1000}`)).json();
  expect(rows.length).toBe(told.length);
  await seen.page.getByTestId('span-points').getByRole('button').click();
  await world.shot(seen.page, 'metrics');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('52: the failed call of D is a red point of ratings', async () => {
  const seen = await world.open('metered', `/namespaces/bookinfo/workloads/ratings-v1?tab=in_metrics&spans=true&spanLimit=100&expand=Request%20duration&${world.range()}`);
  await expect.poll(() => dot(seen, 'Request duration', [217, 55, 44])).not.toBeNull();
  await seen.page.getByTestId('span-points').getByRole('button').click();
  const bad = seen.page.getByTestId('span-point').filter({ has: seen.page.locator('.ms-bad-text:not(:empty)') });
  await expect.poll(() => bad.count()).toBe(1);
  await bad.getByRole('link').click();
  await seen.page.getByTestId('span-panel').waitFor();
  expect(new URL(seen.page.url()).searchParams.get('traceId')).toBe(known.D);
  await seen.context.close();
});

test('53: a point of a span opens its trace, Back returns to the chart', async () => {
  const seen = await open('&spans=true&expand=Request%20duration');
  const canvas = chart(seen, 'Request duration').locator('canvas').first();
  await canvas.waitFor();
  await expect.poll(() => dot(seen, 'Request duration', [42, 161, 152])).not.toBeNull();
  const place = await dot(seen, 'Request duration', [42, 161, 152]);
  await canvas.click({ position: place ?? { x: 0, y: 0 } });
  await seen.page.getByTestId('span-panel').waitFor();
  const { searchParams } = new URL(seen.page.url());
  expect([searchParams.get('tab'), searchParams.get('traceId')?.length, searchParams.get('spanId')?.length]).toEqual(['traces', 32, 16]);
  expect(await seen.page.getByTestId('span-panel').innerText()).toContain('details');
  const row = seen.page.locator('[data-testid=span-row][aria-selected=true]');
  expect(await row.getAttribute('data-span')).toBe(searchParams.get('spanId'));
  await expect.poll(() => row.evaluate((one) => one.getBoundingClientRect().top >= 0 && one.getBoundingClientRect().bottom <= window.innerHeight)).toBe(true);
  await seen.page.goBack();
  await canvas.waitFor();
  expect(await seen.page.locator('#metric-spans').isChecked()).toBe(true);
  await seen.context.close();
});

test('54: many spans are boxes, each of which can be looked at closer', async () => {
  const seen = await world.open('metered', '/overview');
  await seen.page.route('**/details-v1/overlay?**', async (route) => {
    await route.continue({ url: `${route.request().url()}&maxPoints=0` });
  });
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=in_metrics&spans=true&spanLimit=1000&expand=Request%20duration&${world.range()}`));
  await seen.page.getByTestId('span-points').getByRole('button').click();
  const boxes = seen.page.getByTestId('span-points').getByRole('listitem');
  await boxes.first().waitFor();
  expect(await boxes.count()).toBeGreaterThan(5);
  expect(await boxes.count()).toBeLessThanOrEqual(15);
  await world.shot(seen.page, 'metrics-boxes');
  const before = new URL(seen.page.url()).searchParams.get('from');
  await boxes.first().getByRole('button').click();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('to')).not.toBe(String(world.told.now / 1000 + 1));
  const [from, to] = ['from', 'to'].map((name) => Number(new URL(seen.page.url()).searchParams.get(name))) as [number, number];
  expect(from).toBeGreaterThanOrEqual(Number(before));
  expect(to).toBeLessThanOrEqual(world.told.now / 1000 + 1);
  expect(to - from).toBeLessThan(120_000);
  await expect.poll(() => seen.requests.some((one) => one.includes('/dashboard?') && one.includes(`queryTime=${Math.round(to / 1000)}`))).toBe(true);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('55: quantiles and groups are asked for, named, and in the address', async () => {
  const seen = await open();
  await seen.page.getByTestId('metrics-settings').click();
  await seen.page.getByRole('menuitem', { name: 'Quantile 0.95' }).click();
  await seen.page.getByRole('menuitem', { name: 'Response code' }).click();
  await seen.page.keyboard.press('Escape');
  await expect.poll(() => new URL(seen.page.url()).search).toContain('quantiles=0.95');
  await expect.poll(() => seen.requests.some((one) => one.includes('quantiles%5B%5D=0.95') && one.includes('byLabels%5B%5D=response_code'))).toBe(true);
  await seen.page.reload();
  await chart(seen, 'Request duration').getByRole('button', { name: 'As a table' }).click();
  await expect.poll(() => chart(seen, 'Request duration').getByRole('grid').innerText()).toContain('p95,200');
  expect(await chart(seen, 'TCP opened').innerText()).toContain('No data available');
  await seen.context.close();
});

test('55: reported from both: both are asked, told apart, and the area between them is drawn', async () => {
  const seen = await open();
  await seen.page.getByRole('button', { name: /^Reported from:/ }).click();
  await seen.page.getByRole('option', { name: 'Reported from both' }).click();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('reporter')).toBe('both');
  const asked = () => seen.requests.filter((one) => one.includes('/dashboard?')).map((one) => new URLSearchParams(one.split('?')[1]));
  await expect.poll(() => asked().map((one) => one.get('reporter'))).toEqual(['destination', 'source', 'destination']);
  expect(asked()[1]?.get('queryTime')).toBe(asked()[2]?.get('queryTime'));
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=in_metrics&reporter=both&expand=Request%20volume&${world.range()}`));
  await chart(seen, 'Request volume').getByRole('button', { name: 'As a table' }).click();
  await chart(seen, 'Request volume').getByRole('grid').waitFor();
  const names = await chart(seen, 'Request volume').getByRole('grid').getByRole('row').locator('td:first-child').allInnerTexts();
  expect(names.some((one) => one.endsWith('source'))).toBe(true);
  expect(names.filter((one) => one.endsWith('source')).length).toBe(names.filter((one) => one.endsWith('destination')).length);
  await world.shot(seen.page, 'metrics-both');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('54: a drag over a chart looks at that time in all charts, Back looks at all of it again', async () => {
  const seen = await open();
  const canvas = chart(seen, 'Request volume').locator('canvas').first();
  await canvas.waitFor();
  const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const before = new URL(seen.page.url()).searchParams;
  await seen.page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
  await seen.page.mouse.down();
  await seen.page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
  await seen.page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 4 });
  await seen.page.locator('.ms-drag-mark').waitFor();
  await seen.page.mouse.up();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('from')).not.toBe(before.get('from'));
  const after = new URL(seen.page.url()).searchParams;
  const [from, to, was, end] = [after.get('from'), after.get('to'), before.get('from'), before.get('to')].map(Number) as [number, number, number, number];
  expect(from).toBeGreaterThan(was);
  expect(to).toBeLessThan(end);
  expect((to - from) / (end - was)).toBeGreaterThan(0.35);
  expect((to - from) / (end - was)).toBeLessThan(0.7);
  await expect.poll(() => seen.requests.some((one) => one.includes('/dashboard?') && one.includes(`queryTime=${Math.round(to / 1000)}`))).toBe(true);
  await seen.page.goBack();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('from')).toBe(before.get('from'));
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('52: without metrics the tab says so', async () => {
  const seen = await world.open('metered', '/overview');
  await seen.page.route('**/dashboard?**', (route) => route.fulfill({ status: 503, json: { error: 'prometheus does not answer', code: 'unavailable', requestId: '1', upstream: 'prometheus' } }));
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=in_metrics&traceId=${known.G}&${world.range()}`));
  expect(await seen.page.getByTestId('failure').innerText()).toContain('prometheus does not answer');
  await seen.context.close();
});

test('dashboards of Grafana about a workload: one new tab, at that workload and that time; none without Grafana', async () => {
  const seen = await world.open('metered', '/overview');
  // What is not there can be looked for when Grafana has answered and the charts stand.
  const none = async (load: () => Promise<unknown>) => {
    const answered = seen.page.waitForResponse('**/api/grafana');
    await load();
    await (await answered).finished();
    await chart(seen, 'Request duration').locator('canvas').first().waitFor();
    await seen.page.getByTestId('refresh').locator('.ms-busy').waitFor({ state: 'detached' });
    expect(await seen.page.getByTestId('dashboards').count()).toBe(0);
  };
  await none(() => seen.page.goto(world.url('metered', path())));
  const dashboard = { name: 'Istio Workload Dashboard', url: 'https://grafana.example.com/d/1/workload', variables: { namespace: 'var-namespace', workload: 'var-workload' } };
  await seen.page.route('**/api/grafana', (route) => route.fulfill({ json: { externalLinks: [dashboard, { ...dashboard, name: 'Services', variables: { service: 'var-service' } }], meta: {} } }));
  await seen.page.reload();
  const link = seen.page.getByTestId('dashboards').getByRole('link');
  await link.waitFor();
  expect([(await link.innerText()).trim(), await link.getAttribute('target'), await link.getAttribute('rel')]).toEqual(['Istio Workload Dashboard', '_blank', 'noopener noreferrer']);
  const { origin, searchParams } = new URL((await link.getAttribute('href')) ?? '');
  expect(origin).toBe('https://grafana.example.com');
  const here = new URL(seen.page.url()).searchParams;
  expect(Object.fromEntries(searchParams)).toEqual({ 'var-namespace': 'bookinfo', 'var-workload': 'details-v1', from: here.get('from'), to: here.get('to') });
  expect(seen.complaints).toEqual([]);
  await seen.page.route('**/api/grafana', (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'grafana' } }));
  await none(() => seen.page.reload());
  await seen.context.close();
});
