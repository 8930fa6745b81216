import { afterAll, beforeAll, expect, test } from 'vitest';
import { atRest, known, parameter, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const node = (seen: Seen, name: string) => seen.page.locator(`[data-testid=graph-node][data-name="${name}"]`);
const touched = async (seen: Seen): Promise<string[]> =>
  (await seen.page.locator('[data-testid=graph-node]:not([data-spans="0"])').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? ''))).sort();
const ofA = ['details-v1', 'istio-ingressgateway', 'productpage-v1', 'ratings-v1', 'reviews-v2'];
const address = (more: string) => `/graph?graphType=workload&${world.range()}${more}`;

test('56, 57: a node, its traces, one of them over the graph; another node keeps it, close removes it', async () => {
  const seen = await world.open('metered', address('&namespaces=bookinfo,istio-system'));
  await node(seen, 'reviews-v2').focus();
  await seen.page.keyboard.press('Enter');
  await seen.page.getByTestId('graph-side').waitFor();
  expect(await seen.page.getByTestId('graph-side').innerText()).toContain('productpage-v1');
  await seen.page.getByRole('tab', { name: 'Traces' }).click();
  await seen.page.locator(`[data-trace="${known.A}"] button`).click();
  await seen.page.getByTestId('trace-hops').waitFor();
  expect(await touched(seen)).toEqual(ofA);
  expect(await seen.page.locator('[data-testid=graph-edge]:not([data-calls="0"])').count()).toBe(4);
  expect(await seen.page.getByTestId('hop').count()).toBe(4);
  expect(await seen.page.locator('path.ms-over').evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).stroke))])).toEqual(['rgb(135, 111, 212)']);
  await world.shot(seen.page, 'graph-trace');
  await node(seen, 'details-v1').click();
  await expect.poll(() => seen.page.getByTestId('graph-side').innerText()).toContain('details-v1');
  expect(await touched(seen)).toEqual(ofA);
  expect(await seen.page.locator('.ms-hop-here').count()).toBe(1);
  await seen.page.getByTestId('close-overlay').click();
  await expect.poll(() => touched(seen)).toEqual([]);
  expect(new URL(seen.page.url()).searchParams.get('traceId')).toBeNull();
  await seen.page.goBack();
  await expect.poll(() => touched(seen)).toEqual(ofA);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('58: a deep link draws the trace, whichever answer comes last, and refreshes keep it', async () => {
  for (const slow of ['**/api/namespaces/graph?**', `**/api/traces/${known.A}/graph?**`]) {
    const seen = await world.open('metered', '/overview');
    await seen.page.route(slow, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await route.continue();
    });
    await seen.page.goto(world.url('metered', address(`&namespaces=bookinfo,istio-system&traceId=${known.A}`)));
    await seen.page.getByTestId('hop').first().waitFor();
    expect(await touched(seen), slow).toEqual(ofA);
    const called = seen.page.locator('[data-testid=graph-edge]:not([data-calls="0"])');
    expect(await called.count(), slow).toBe(4);
    for (let again = 0; again < 2; again += 1) {
      const answered = seen.page.waitForResponse('**/api/namespaces/graph?**');
      await seen.page.getByTestId('refresh').click();
      await answered;
      await atRest(seen.page);
      expect(await touched(seen)).toEqual(ofA);
      expect(await called.count()).toBe(4);
    }
    await seen.context.close();
  }
});

test('59: spans in a namespace that is not on the graph are counted, and one click adds it', async () => {
  const seen = await world.open('metered', address(`&namespaces=istio-system&traceId=${known.A}`));
  const note = seen.page.getByTestId('unplaced');
  await note.waitFor();
  expect(await note.innerText()).toMatch(/\d of 8 spans found no place on this graph/);
  await note.getByRole('button', { name: /Add bookinfo/ }).click();
  await expect.poll(() => touched(seen)).toEqual(ofA);
  expect(new URL(seen.page.url()).searchParams.get('namespaces')).toBe('istio-system,bookinfo');
  await seen.context.close();
});

test('56: from the trace to the graph, an edge with its responses, empty and failing graphs', async () => {
  const seen = await world.open('metered', `/traces/${known.D}`);
  await seen.page.getByTestId('show-on-graph').click();
  await seen.page.getByTestId('hop').first().waitFor();
  const bad = seen.page.locator('path.ms-over-bad');
  expect(await bad.count()).toBe(1); // the call of ratings
  expect(await bad.evaluate((one) => getComputedStyle(one).stroke)).toBe('rgb(201, 25, 11)');
  await world.shot(seen.page, 'graph-errors');
  await seen.page.getByTestId('graph-edge').first().focus();
  await seen.page.keyboard.press('Enter');
  await expect.poll(() => seen.page.getByTestId('graph-side').innerText()).toContain('→');
  await seen.page.getByTestId('graph-side').getByRole('grid', { name: 'Responses' }).waitFor();
  const long = world.told.now / 1000 - 20 * 3600_000; // before anything was measured
  await seen.page.goto(world.url('metered', `/graph?namespaces=bookinfo&from=${long}&to=${long + 600_000}`));
  await seen.page.getByTestId('graph-node').first().waitFor();
  const marks = await seen.page.getByTestId('badges').evaluateAll((all) => all.map((one) => one.getAttribute('data-badges') ?? ''));
  expect(marks.filter((one) => !one.includes('idle'))).toEqual([]);
  expect(await seen.page.getByTestId('graph-edge').count()).toBe(0);
  await seen.page.route('**/api/namespaces/graph?**', (route) => route.fulfill({ status: 503, json: { error: 'prometheus does not answer', code: 'unavailable', requestId: '1', upstream: 'prometheus' } }));
  await seen.page.goto(world.url('metered', '/graph?namespaces=bookinfo'));
  await expect.poll(() => seen.page.getByTestId('failure').innerText()).toContain('prometheus does not answer');
  await seen.context.close();
});

test('46, 56: the graph of a trace on its own page: what it touched and nothing else; a call, a node, its part of the address', async () => {
  const seen = await world.open('metered', `/traces/${known.A}?view=graph`);
  const { page, context, complaints } = seen;
  const nodes = async () => (await page.getByTestId('graph-node').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? ''))).sort();
  await expect.poll(nodes).toEqual(ofA);
  expect(await page.getByTestId('graph-edge').count()).toBe(4);
  expect(await page.getByTestId('hop').count()).toBe(4);
  await world.shot(page, 'trace-graph');
  await node(seen, 'reviews-v2').click();
  await page.getByTestId('spans-here').waitFor();
  expect(await page.getByTestId('spans-here').innerText()).toContain('on reviews-v2');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await expect.poll(() => page.getByTestId('current-hop').innerText()).toMatch(/^Call 1 of 4:/);
  await page.getByRole('button', { name: 'Larger' }).click();
  await expect.poll(() => parameter({ page }, 'area')).not.toBeNull();
  expect([parameter({ page }, 'view'), parameter({ page }, 'hop')]).toEqual(['graph', '1']);
  await page.getByTestId('hop').nth(2).getByRole('button').click();
  await page.getByTestId('span-panel').waitFor();
  const calls = (await (await page.request.get(`${world.told.consoles.metered}/api/traces/${known.A}/graph?namespaces=bookinfo,istio-system&graphType=workload&duration=600s&queryTime=${Math.round(world.told.now / 1e6)}`)).json()).hops as Array<{ spanID: string; repeats: boolean }>;
  expect(parameter({ page }, 'spanId')).toBe(calls.filter((one) => !one.repeats)[2]?.spanID);
  expect(await nodes()).toEqual(ofA); // the graph stays beside the span
  await page.goBack();
  await page.getByTestId('span-panel').waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await page.route(`**/api/traces/${known.A}/graph?**`, (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'jaeger' } }));
  await page.goto(world.url('metered', `/traces/${known.A}?view=graph`));
  expect(await page.getByTestId('failure').innerText()).toMatch(/Could not lay the trace over the graph[^]*away/);
  await context.close();
});
