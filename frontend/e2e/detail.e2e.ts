import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World, type Seen } from './world';
import { seriousOn } from './wcag';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const of = (kind: string, name: string, tab: string, more = '') => `/namespaces/bookinfo/${kind}/${name}?tab=${tab}&${world.range()}${more}`;
const nodes = async ({ page }: Seen) => (await page.getByTestId('graph-node').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? ''))).sort();
const touched = async ({ page }: Seen) =>
  (await page.locator('[data-testid=graph-node]:not([data-spans="0"])').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? ''))).sort();

test('the traffic of a workload: who calls it, whom it calls, a trace over both, and the whole graph', async () => {
  const seen = await world.open('metered', of('workloads', 'reviews-v2', 'info'));
  const { page, context, complaints } = seen;
  await page.getByTestId('tab-traffic').click();
  await expect.poll(() => nodes(seen)).toEqual(['productpage-v1', 'ratings-v1', 'reviews-v2']);
  const told = await (await page.request.get(`${world.told.consoles.metered}/api/namespaces/bookinfo/workloads/reviews-v2/graph?graphType=workload&duration=600s&queryTime=${Math.round(world.told.now / 1e6)}`)).json();
  const self = told.elements.nodes.find((one: { data: { workload?: string } }) => one.data.workload === 'reviews-v2').data.id;
  const inbound = told.elements.edges.filter((one: { data: { target: string } }) => one.data.target === self);
  const callers = page.getByTestId('traffic-source');
  expect(await callers.getByRole('row').count()).toBe(inbound.length + 1);
  expect(await callers.innerText()).toContain('productpage-v1');
  expect(await callers.innerText()).toContain(String(Number(Number(inbound[0].data.traffic.rates.http).toFixed(2))));
  expect(await page.getByTestId('traffic-target').innerText()).toContain('ratings-v1');
  await page.locator('[data-testid=graph-node][data-name="reviews-v2"]').click();
  await page.getByTestId('graph-tab-traces').click();
  await page.locator(`[data-trace="${known.A}"] button`).click();
  await page.getByTestId('hop').first().waitFor();
  await expect.poll(() => touched(seen)).toEqual(['productpage-v1', 'ratings-v1', 'reviews-v2']);
  await world.shot(page, 'traffic-tab');
  expect(await seriousOn(page)).toEqual([]);
  await page.reload();
  await expect.poll(() => touched(seen)).toEqual(['productpage-v1', 'ratings-v1', 'reviews-v2']);
  await page.getByTestId('to-graph').click();
  await page.getByTestId('trace-hops').waitFor();
  const { pathname, searchParams } = new URL(page.url());
  expect([pathname.endsWith('/graph'), searchParams.get('traceId'), searchParams.get('namespaces')]).toEqual([true, known.A, 'bookinfo']);
  expect(complaints).toEqual([]);
  await context.close();
});

test('the traffic of a service and of an application; none at all; a graph that fails', async () => {
  const seen = await world.open('metered', of('services', 'reviews', 'traffic'));
  const { page, context } = seen;
  await expect.poll(() => nodes(seen)).toEqual(expect.arrayContaining(['productpage-v1', 'reviews', 'reviews-v2']));
  expect(await page.getByTestId('traffic-target').innerText()).toContain('reviews-v2');
  await page.goto(world.url('metered', of('applications', 'reviews', 'traffic')));
  await expect.poll(() => nodes(seen)).toEqual(expect.arrayContaining(['productpage', 'reviews']));
  const long = world.told.now / 1000 - 20 * 3600_000; // before anything was measured
  await page.goto(world.url('metered', `/namespaces/bookinfo/workloads/reviews-v2?tab=traffic&from=${long}&to=${long + 600_000}`));
  expect(await page.getByTestId('empty').innerText()).toContain('reviews-v2 neither sent nor got anything');
  await page.route('**/reviews-v2/graph?**', (route) => route.fulfill({ status: 503, json: { error: 'prometheus does not answer', code: 'unavailable', requestId: '1', upstream: 'prometheus' } }));
  await page.goto(world.url('metered', of('workloads', 'reviews-v2', 'traffic')));
  expect(await page.getByTestId('failure').innerText()).toContain('prometheus does not answer');
  await context.close();
});

test('how a workload, an application and a service are: by request, as measured in the time of the page; and what is missing', async () => {
  const seen = await world.open('metered', of('workloads', 'ratings-v1', 'info'));
  const { page, context, requests, complaints } = seen;
  const row = page.getByTestId('health-inbound').first();
  await row.waitFor();
  const asked = requests.find((one) => one.startsWith('api/namespaces/bookinfo/workloads/ratings-v1?')) ?? '';
  const query = new URLSearchParams(asked.split('?')[1]);
  expect([query.get('rateInterval'), query.get('queryTime')]).toEqual(['600s', String(Math.round((world.told.now / 1000 + 1) / 1000))]);
  const { health } = await (await page.request.get(`${world.told.consoles.metered}/${asked}`)).json();
  expect(await page.getByTestId('health').getAttribute('data-health')).toBe(health.status.status);
  const codes = health.requests.inbound.http as Record<string, number>;
  const whole = Object.values(codes).reduce((sum, one) => sum + one, 0);
  const failed = Object.entries(codes).reduce((sum, [code, rate]) => sum + (code.startsWith('5') || code === '-' ? rate : 0), 0);
  expect(await row.innerText()).toContain(`${Number(((100 * failed) / whole).toFixed(1))} %`);
  expect(await seriousOn(page)).toEqual([]);
  await world.shot(page, 'workload-info');
  await page.goto(world.url('metered', of('applications', 'reviews', 'info')));
  await page.getByTestId('health-inbound').first().waitFor();
  await page.goto(world.url('metered', of('services', 'reviews', 'info')));
  expect(await page.getByTestId('health').innerText()).toContain('until now');
  await page.route('**/api/namespaces/bookinfo/workloads/ratings-v1?**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    Object.assign(body, { availableReplicas: 0, desiredReplicas: 2, versionLabel: false });
    Object.assign(body.health, { status: { status: 'Failure', errorRatio: 50 }, requests: { healthAnnotations: {}, inbound: { http: { 200: 1, 503: 1 } }, outbound: {} } });
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('metered', of('workloads', 'ratings-v1', 'info')));
  const health2 = page.getByTestId('health');
  await expect.poll(() => health2.getAttribute('data-health')).toBe('Failure');
  const text = await health2.innerText();
  for (const part of ['Failing', '0 of 2 available', '50 %', '503: 50 %']) expect(text).toContain(part);
  expect(await page.getByTestId('detail-tab').or(page.locator('#detail-tab')).innerText()).toContain('no version');
  await world.shot(page, 'workload-failing');
  expect(complaints).toEqual([]);
  await context.close();
});
