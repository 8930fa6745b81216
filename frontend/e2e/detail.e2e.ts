import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World, type Seen } from './world';
import { plainOn } from './pseudo';
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
  await page.getByTestId('graph-find').waitFor(); // the page of the graph: the hops stand on this one, too
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
  expect(await row.locator('td').nth(2).innerText()).toBe(`${Number(((100 * failed) / whole).toFixed(1))} %`);
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
  for (const part of ['Failing', '0 of 2 available', '503: 50 %']) expect(text).toContain(part);
  expect(await row.locator('td').nth(2).innerText()).toBe('50 %');
  expect(await page.getByTestId('detail-tab').or(page.locator('#detail-tab')).innerText()).toContain('no version');
  await world.shot(page, 'workload-failing');
  expect(complaints).toEqual([]);
  await context.close();
});

test('calls of a workload by metrics, in traces and in access lines: asked for when wanted, every edge with its verdict', async () => {
  const seen = await world.open('metered', of('workloads', 'reviews-v2', 'traffic'));
  const { page, context, requests, complaints } = seen;
  await expect.poll(() => nodes(seen)).toContain('reviews-v2');
  const asked = () => requests.filter((one) => one.includes('/reconcile?'));
  expect(asked()).toEqual([]);
  await page.getByRole('button', { name: 'Calls by metrics, in traces and in access lines' }).click();
  const rows = page.getByTestId('reconciled-edge');
  await rows.first().waitFor();
  expect(new URL(page.url()).searchParams.get('reconcile')).toBe('true');
  expect(asked()).toHaveLength(1);
  const query = new URLSearchParams(asked()[0]?.split('?')[1]);
  expect(Number(query.get('endMicros')) - Number(query.get('startMicros'))).toBe(600e6);
  type Edge = { direction: string; peer: { workload: string | null }; class: string; found: { calls: number }; reasons: Array<{ summary: string }> };
  const { edges, sampling } = (await (await page.request.get(`${world.told.consoles.metered}/${asked()[0]}`)).json()) as { edges: Edge[]; sampling: { basis: string; percent: number } };
  expect(edges.map((one) => one.peer.workload).sort()).toEqual(['productpage-v1', 'ratings-v1']);
  expect(await rows.count()).toBe(edges.length);
  for (const edge of edges) {
    const row = rows.filter({ hasText: edge.peer.workload ?? '' });
    expect(await row.getAttribute('data-class')).toBe(edge.class);
    expect((await row.getByTestId('reconciled-found').innerText()).split('\n')[0]).toBe(edge.found.calls.toLocaleString('en'));
    for (const reason of edge.reasons) expect(await row.innerText()).toContain(reason.summary);
  }
  const rate = { given: 'as was given', estimated: 'as all edges tell', unknown: 'No edge tells' }[sampling.basis] ?? '';
  expect(await page.getByTestId('reconciled-rate').innerText()).toContain(rate);
  await page.getByTestId('reconcile').scrollIntoViewIfNeeded();
  await world.shot(page, 'reconcile');
  expect(await seriousOn(page)).toEqual([]);
  await page.getByRole('button', { name: 'Count again' }).click();
  await expect.poll(asked).toHaveLength(2);
  expect(complaints).toEqual([]);
  await page.route('**/reconcile?**', (route) => route.fulfill({ status: 503, json: { error: 'prometheus does not answer', code: 'unavailable', requestId: '1', upstream: 'prometheus' } }));
  await page.reload();
  expect(await page.getByTestId('failure').innerText()).toMatch(/Could not count the calls[^]*prometheus does not answer/);
  await expect.poll(() => nodes(seen)).toContain('reviews-v2'); // the traffic stands
  await page.goto(world.url('metered', of('services', 'reviews', 'traffic')));
  await expect.poll(() => nodes(seen)).toContain('reviews');
  expect(await page.getByTestId('reconcile').count()).toBe(0);
  await context.close();
});

test('15: the pseudo-locale leaves no plain text on what is measured: traffic, counted calls, metrics, graph, the graph of a trace', async () => {
  const { page, context } = await world.open('metered', '/overview', { language: 'en-XA' });
  const heads = 'th, h1 + a, .pf-v6-c-expandable-section__toggle-text, .pf-v6-c-toggle-group__text, .pf-v6-c-check__label, .pf-v6-c-switch__label';
  const places: ReadonlyArray<readonly [path: string, testId: string, what: string]> = [
    [of('workloads', 'reviews-v2', 'info'), 'health-inbound', `${heads}, dt`],
    [of('workloads', 'reviews-v2', 'traffic', '&reconcile=true'), 'reconciled-edge', `${heads}, [data-testid=reconciled-rate], [data-testid=reconciled-edge] .pf-v6-c-label__text, [data-testid=traffic-tab] h2`],
    [of('workloads', 'reviews-v2', 'in_metrics', '&spans=true'), 'metric-canvas', `${heads}, [data-testid=metrics-tab] .pf-v6-c-menu-toggle__text`],
    [`/graph?namespaces=bookinfo&legend=true&${world.range()}`, 'legend-body', `${heads}, [data-testid=legend-body] h3, [data-testid=legend-body] li, .pf-v6-c-menu-toggle__text`],
    [`/traces/${known.D}?view=graph`, 'hop', `${heads.replace('th, ', '')}, [data-testid=trace-hops] h3, .ms-hop-steps button`],
    [`/overview?${world.range()}`, 'traffic', `${heads}, h2`],
  ];
  const plain: string[] = [];
  for (const [path, testId, what] of places) {
    await page.goto(world.url('metered', path));
    await page.getByTestId(testId).first().waitFor();
    plain.push(...(await plainOn(page, what)).map((text) => `${path.slice(0, 60)}: ${text}`));
  }
  expect(plain).toEqual([]);
  await context.close();
});
