import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OverviewApps, OverviewRates, WorkloadsResponse } from '@/api/schema.gen';
import { plainOn } from './pseudo';
import { known, parameter, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const card = (seen: Seen, namespace: string) => seen.page.locator(`[data-testid=namespace-card][data-namespace="${namespace}"]`);
const open = (more = ''): Promise<Seen> => world.open('metered', `/overview?${world.range()}${more}`);
const moment = () => `queryTime=${Math.floor((world.told.now / 1000 + 1) / 1000)}&rateInterval=600s`;
const ask = async <T>(seen: Seen, path: string): Promise<T> => (await (await seen.page.request.get(`${world.told.consoles.metered}/${path}`)).json()) as T;

test('overview: namespaces tell the health of their applications, requests, errors and p95; health leads to the list', async () => {
  const seen = await open();
  const bookinfo = card(seen, 'bookinfo');
  await bookinfo.getByTestId('traffic').waitFor();
  const { apps } = await ask<OverviewApps>(seen, `api/overview/metrics/apps/rates?${moment()}&namespaces=bookinfo`);
  const healthy = apps.filter((one) => one.healthStatus === 'Healthy').length;
  expect(healthy).toBeGreaterThan(3);
  expect(await bookinfo.getByTestId('tally').innerText()).toContain(`${healthy} Healthy`);
  expect(await bookinfo.getByTestId('spark-requests').innerText()).toMatch(/Requests\s+0\.\d+\/s/);
  expect(await bookinfo.getByTestId('spark-p95').innerText()).toMatch(/p95\s+[\d.]+ms/);
  expect(await bookinfo.getByTestId('spark-requests').getByRole('img').getAttribute('aria-label')).toMatch(/^Requests: from [\d.]+\/s to [\d.]+\/s, last [\d.]+\/s$/);
  expect(await bookinfo.getByTestId('spark-requests').locator('path').getAttribute('d')).toMatch(/^M[\d. ]+(L[\d. ]+)+/);
  expect(await card(seen, 'default').innerText()).toContain('No requests in this time');
  await world.shot(seen.page, 'overview-metrics');
  await bookinfo.getByRole('link', { name: `${healthy} Healthy` }).click();
  await seen.page.getByTestId('object-row').first().waitFor();
  expect([parameter(seen, 'health'), parameter(seen, 'namespaces'), parameter(seen, 'from')]).toEqual(['Healthy', 'bookinfo', String(world.told.now / 1000 - 600_000)]);
  await expect.poll(() => seen.page.getByTestId('object-row').count()).toBe(healthy);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('overview: what is in trouble comes first, its errors are red', async () => {
  const seen = await world.open('metered', '/status');
  await seen.page.route('**/api/overview/metrics/apps/rates?*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as OverviewApps;
    for (const one of body.apps) if (one.appName === 'cars') one.healthStatus = 'Failure';
    await route.fulfill({ response: answer, json: body });
  });
  const line = (name: string, values: string[], stat?: string) => [{ name, labels: {}, datapoints: values.map((value, at) => [1000 + 15 * at, value]), ...(stat ? { stat } : {}) }];
  await seen.page.route('**/api/clusters/metrics?*', (route) =>
    route.fulfill({
      json: { 'travel-agency': { request_count: line('request_count', ['8', '8']), request_error_count: line('request_error_count', ['0', '4']), request_duration_millis: line('request_duration_millis', ['NaN', '250'], '0.95') } },
    }),
  );
  await seen.page.goto(world.url('metered', `/overview?${world.range()}`));
  const first = seen.page.getByTestId('namespace-card').first();
  await expect.poll(() => first.getAttribute('data-namespace')).toBe('travel-agency');
  expect(await first.getByTestId('tally').innerText()).toMatch(/^1 Failing/);
  expect(await seen.page.locator('.ms-in-trouble').count()).toBe(1);
  const errors = first.getByTestId('spark-errors');
  await expect.poll(() => errors.innerText()).toContain('25 %');
  expect(await errors.locator('strong').evaluate((one) => getComputedStyle(one).color)).toBe('rgb(201, 25, 11)');
  expect(await first.getByTestId('spark-p95').innerText()).toContain('250ms');
  await seen.context.close();
});

test('overview: the services that fail most and the slowest, each card failing and tried again by itself', async () => {
  const seen = await world.open('metered', '/status');
  let fails = true;
  await seen.page.route('**/api/overview/metrics/services/latency?*', (route) =>
    fails ? route.fulfill({ status: 503, json: { error: 'it is away', code: 'upstream_unreachable', requestId: 'r1', upstream: 'prometheus' } }) : route.continue(),
  );
  await seen.page.route('**/api/clusters/metrics?*', (route) => (fails ? route.fulfill({ status: 503, json: { error: 'it is away too', code: 'x', requestId: 'r2' } }) : route.continue()));
  await seen.page.goto(world.url('metered', `/overview?${world.range()}`));
  const failing = seen.page.getByTestId('failing-services');
  await failing.getByTestId('service-row').first().waitFor();
  const { services } = await ask<OverviewRates>(seen, `api/overview/metrics/services/rates?${moment()}`);
  const shown = await failing.getByTestId('service-row').locator('a').allInnerTexts();
  expect(shown).toEqual(services.map((one) => one.serviceName));
  const slow = seen.page.getByTestId('slow-services');
  expect(await slow.getByTestId('failure').innerText()).toContain('it is away');
  expect(await seen.page.getByTestId('traffic-failed').innerText()).toContain('it is away too');
  expect(await seen.page.getByTestId('namespace-card').count()).toBeGreaterThan(4);
  fails = false;
  await slow.getByRole('button', { name: 'Retry' }).click();
  await slow.getByTestId('service-row').first().waitFor();
  await seen.page.getByTestId('traffic-failed').getByRole('button', { name: 'Retry' }).click();
  await card(seen, 'bookinfo').getByTestId('traffic').waitFor();
  expect(await seen.page.getByTestId('traffic-failed').count()).toBe(0);
  await slow.getByTestId('service-row').first().locator('a').click();
  await seen.page.getByTestId('metric-chart').first().waitFor();
  await seen.context.close();
});

test('overview: the operation that fails leads to its failed traces', async () => {
  const seen = await open();
  const row = seen.page.getByTestId('operation-row').first();
  await row.waitFor();
  expect(await row.innerText()).toMatch(/productpage[^]*istio-ingressgateway/);
  await row.getByRole('link', { name: '1', exact: true }).click();
  await seen.page.getByTestId('trace-row').first().waitFor();
  expect(await seen.page.getByTestId('trace-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-trace')))).toEqual([known.D]);
  expect(parameter(seen, 'errs')).toBe('true');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('lists: health, requests and errors of the range; filtered and sorted by them, in the address', async () => {
  const seen = await world.open('metered', `/workloads?${world.range()}`);
  const rows = seen.page.getByTestId('object-row');
  await rows.first().waitFor();
  const { workloads } = await ask<WorkloadsResponse>(seen, `api/clusters/workloads?health=true&${moment()}`);
  const details = workloads.find((one) => one.name === 'details-v1');
  const rate = details?.health.status?.totalRequestRate ?? 0;
  expect(rate).toBeGreaterThan(0.1);
  const cells = rows.filter({ hasText: 'details-v1' }).locator('td');
  await expect.poll(() => cells.allInnerTexts()).toEqual(expect.arrayContaining(['Healthy', `${Math.round(rate * 100) / 100}/s`, '0 %']));
  await seen.page.getByRole('button', { name: 'Health', exact: true }).click();
  await expect.poll(() => parameter(seen, 'sort')).toBe('health:asc');
  await expect.poll(() => rows.first().innerText()).toContain('Not ready');
  await seen.page.getByRole('button', { name: /^Health: / }).click();
  await seen.page.getByRole('option', { name: 'Failing' }).click();
  await seen.page.getByTestId('empty').waitFor();
  expect(await seen.page.getByTestId('empty').innerText()).toContain('Of these Workloads none is: Failing');
  await seen.page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(() => rows.count()).toBe(workloads.length);
  await world.shot(seen.page, 'list');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('lists: every word of them is translated', async () => {
  const seen = await world.open('metered', `/applications?${world.range()}&namespaces=bookinfo`, { language: 'en-XA' });
  await seen.page.getByTestId('object-row').first().waitFor();
  const plain = (what: string) => plainOn(seen.page, what);
  await expect.poll(() => seen.page.locator('.pf-v6-c-label-group button').count()).toBeGreaterThan(2);
  expect(await plain('main th, main .pf-v6-c-menu-toggle, [data-health], .pf-v6-c-label-group button')).toEqual([]);
  await seen.page.goto(world.url('metered', `/overview?${world.range()}`));
  await seen.page.getByTestId('traffic').first().waitFor();
  expect(await plain('main h2, main th, [data-health], .ms-spark > span:first-child, .ms-counts-row a')).toEqual([]);
  await seen.page.goto(world.url('metered', `/graph?${world.range()}&namespaces=bookinfo&legend=true`));
  await seen.page.getByTestId('legend-body').waitFor();
  expect(await plain('.ms-graph-legend h3, .ms-graph-legend li, .ms-graph-zoom button')).toEqual([]);
  await seen.page.goto(world.url('metered', `/traces?${world.range()}`));
  await seen.page.getByTestId('facets').waitFor();
  expect(await plain('[data-testid=facets] .pf-v6-c-menu-toggle, [data-testid=saved-searches] button')).toEqual([]);
  await seen.context.close();
});

test('lists: an application tells in how many of the failed traces it failed, and leads to them', async () => {
  const seen = await world.open('metered', `/applications?${world.range()}&namespaces=bookinfo&sort=failed:desc`);
  const rows = seen.page.getByTestId('object-row');
  await rows.first().locator('.ms-bad-text').first().waitFor();
  const failing = await rows.filter({ has: seen.page.locator('a.ms-bad-text') }).evaluateAll((all) => all.map((one) => one.querySelector('td')?.textContent).sort());
  expect(failing).toEqual(['ratings', 'reviews']);
  await rows.filter({ hasText: 'ratings' }).getByRole('link', { name: '1', exact: true }).click();
  await seen.page.getByTestId('trace-row').first().waitFor();
  expect(await seen.page.getByTestId('trace-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-trace')))).toEqual([known.D]);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});
