import { afterAll, beforeAll, expect, test } from 'vitest';
import { atRest, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'aliases', 'neither', 'mismatch', 'http', 'cut');
});
afterAll(async () => world.stop());

const tab = (kind = 'workloads', name = 'details-v1') => `/namespaces/bookinfo/${kind}/${name}?tab=traces&${world.range()}`;

test('9: either names of the settings: the same links, the same traces', async () => {
  const said: unknown[] = [];
  for (const console of ['full', 'aliases'] as const) {
    const { page, context } = await world.open(console, tab());
    await page.getByTestId('trace-row').first().waitFor();
    await expect.poll(() => page.getByTestId('status').getAttribute('data-light')).toBe('green');
    await atRest(page);
    const links = await page.locator('a[target=_blank]').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    const rows = await page.getByTestId('trace-table').getAttribute('aria-rowcount');
    const { url, integration, enabled } = await (await page.request.get(`${world.told.consoles[console]}/api/tracing`)).json();
    expect(links).toContain('http://jaeger.example.com');
    said.push({ links, rows, url, integration, enabled, status: await page.getByTestId('status').innerText() });
    await context.close();
  }
  expect(said[1]).toEqual(said[0]);
});

test('11: gRPC against a port that speaks HTTP is named; over HTTP the same address works', async () => {
  const { page, context } = await world.open('mismatch', tab());
  const failure = page.getByTestId('failure');
  await failure.waitFor();
  const text = await failure.innerText();
  expect(text).toContain('Could not fetch traces');
  expect(text).toContain('HTTP');
  expect(text).toContain('gRPC');
  expect(await failure.getByTestId('setting').innerText()).toMatch(/^external_services\.tracing\.(use_grpc|in_cluster_url)$/);
  await world.shot(page, 'failure-mismatch');
  await context.close();
  const over = await world.open('http', tab());
  await over.page.getByTestId('trace-row').first().waitFor();
  expect(await over.page.getByTestId('failure').count()).toBe(0);
  await over.context.close();
});

test('30: a backend that does not finish in time: what came is shown, and said not to be all', async () => {
  const { page, context } = await world.open('cut', tab());
  await page.getByTestId('trace-row').first().waitFor();
  const partial = page.getByTestId('partial');
  expect(await partial.innerText()).toContain('Not everything is here');
  expect(await partial.innerText()).toMatch(/time|broke off/);
  expect(await page.getByTestId('failure').count()).toBe(0);
  await world.shot(page, 'partial');
  await context.close();
});

test('32: without both addresses there is no tab and no link that leads nowhere', async () => {
  for (const [kind, name] of [['applications', 'details'], ['workloads', 'details-v1'], ['services', 'details']] as const) {
    const { page, context } = await world.open('neither', '/overview');
    // The tabs stand before it is known whether there is tracing.
    await Promise.all([page.waitForResponse('**/api/tracing'), page.goto(world.url('neither', tab(kind, name)))]);
    await page.getByTestId('tab-info').waitFor();
    await atRest(page);
    expect(await page.getByTestId('tab-traces').count()).toBe(0);
    expect(await page.getByTestId('external-traces').count()).toBe(0);
    expect(await page.locator('a[href*="/search"]').count()).toBe(0);
    expect(await page.locator('a[target=_blank]').count()).toBe(0);
    await context.close();
  }
});
