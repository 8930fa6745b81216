import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, parameter, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

type Box = { x: number; y: number; width: number; height: number };
const node = (seen: Seen, name: string) => seen.page.locator(`[data-testid=graph-node][data-name="${name}"]`);
const boxOf = async (what: Locator): Promise<Box> => {
  const box = await what.boundingBox();
  if (!box) throw new Error('not to be seen');
  return box;
};
const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
const viewBox = async (seen: Seen) => ((await seen.page.getByTestId('graph').getAttribute('viewBox')) ?? '').split(' ').map(Number);
const open = async (more: string): Promise<Seen> => {
  const seen = await world.open('metered', `/graph?graphType=versionedApp&namespaces=bookinfo,istio-system&${world.range()}${more}`);
  await node(seen, 'reviews v1').waitFor();
  return seen;
};
const drag = async (seen: Seen, from: { x: number; y: number }, dx: number, dy: number) => {
  await seen.page.mouse.move(from.x, from.y);
  await seen.page.mouse.down();
  await seen.page.mouse.move(from.x + dx / 2, from.y + dy / 2);
  await seen.page.mouse.move(from.x + dx, from.y + dy);
  await seen.page.mouse.up();
};

test('56: the picture is dragged and zoomed by pointer, wheel, keys and buttons, and the address keeps that', async () => {
  const seen = await open('');
  const all = await viewBox(seen);
  const before = await boxOf(node(seen, 'productpage v1'));
  const at = middle(before);
  await seen.page.mouse.move(at.x, at.y);
  await seen.page.mouse.wheel(0, -400);
  await expect.poll(async () => (await boxOf(node(seen, 'productpage v1'))).width).toBeGreaterThan(before.width * 1.5);
  const near = await boxOf(node(seen, 'productpage v1'));
  expect(Math.hypot(middle(near).x - at.x, middle(near).y - at.y)).toBeLessThan(2);
  expect(parameter(seen, 'node')).toBeNull();

  const picture = await boxOf(seen.page.getByTestId('graph'));
  await drag(seen, { x: picture.x + 6, y: picture.y + 6 }, 60, 40);
  await expect.poll(async () => (await boxOf(node(seen, 'productpage v1'))).x - near.x).toBeCloseTo(60, 0);
  expect((await boxOf(node(seen, 'productpage v1'))).y - near.y).toBeCloseTo(40, 0);
  const kept = await viewBox(seen);
  await expect.poll(() => parameter(seen, 'view')).toBe(kept.slice(0, 3).map((one) => String(Math.round(one))).join(','));
  await seen.page.reload();
  await node(seen, 'productpage v1').waitFor();
  (await viewBox(seen)).forEach((value, which) => expect(Math.abs(value - (kept[which] ?? 0))).toBeLessThan(1.5));

  await seen.page.getByTestId('graph').focus();
  const start = await viewBox(seen);
  await seen.page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await viewBox(seen))[0]).toBeGreaterThan((start[0] ?? 0) + 10);
  await seen.page.keyboard.press('-');
  await expect.poll(async () => (await viewBox(seen))[2]).toBeGreaterThan((start[2] ?? 0) * 1.1);
  await seen.page.keyboard.press('0');
  await expect.poll(() => viewBox(seen)).toEqual(all);
  await expect.poll(() => parameter(seen, 'view')).toBeNull();
  await seen.page.getByRole('button', { name: 'Larger' }).click();
  await expect.poll(async () => (await viewBox(seen))[2]).toBeCloseTo((all[2] ?? 0) / 1.25, 3);
  await seen.page.getByRole('button', { name: 'Smaller' }).click();
  await seen.page.getByRole('button', { name: 'Fit' }).click();
  await expect.poll(() => viewBox(seen)).toEqual(all);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('56: a node is moved by pointer and keys, its edges and its box follow; arrows go from node to node', async () => {
  const seen = await open('');
  const box = seen.page.locator('[data-box="app reviews"]').locator('xpath=..').locator('.ms-frame-body');
  const edge = seen.page.locator('[data-testid=graph-edge][aria-label*="to reviews v3"]');
  const [place, frame, path] = [await boxOf(node(seen, 'reviews v3')), await boxOf(box), await edge.getAttribute('d')];
  await drag(seen, middle(place), 90, 70);
  await expect.poll(async () => (await boxOf(node(seen, 'reviews v3'))).x - place.x).toBeCloseTo(90, 0);
  const moved = await boxOf(node(seen, 'reviews v3'));
  expect(moved.y - place.y).toBeCloseTo(70, 0);
  const wider = await boxOf(box);
  expect(wider.x + wider.width - (frame.x + frame.width)).toBeCloseTo(90, 0);
  expect(await edge.getAttribute('d')).not.toBe(path);
  expect(parameter(seen, 'node')).toBeNull();
  await node(seen, 'reviews v3').focus();
  await seen.page.keyboard.press('Shift+ArrowDown');
  await expect.poll(async () => (await boxOf(node(seen, 'reviews v3'))).y).toBeGreaterThan(moved.y + 5);
  await seen.page.getByRole('button', { name: 'Arrange anew' }).click();
  await expect.poll(async () => Math.round((await boxOf(node(seen, 'reviews v3'))).x)).toBe(Math.round(place.x));
  await node(seen, 'productpage v1').focus();
  await seen.page.keyboard.press('ArrowRight');
  await expect.poll(() => seen.page.evaluate(() => document.activeElement?.getAttribute('data-name'))).toMatch(/^(reviews v\d|details v1)$/);
  await seen.page.keyboard.press('ArrowLeft');
  await expect.poll(() => seen.page.evaluate(() => document.activeElement?.getAttribute('data-name'))).toBe('productpage v1');
  await seen.context.close();
});

test('56: what is found is marked, what is hidden goes from picture and tables, a wrong word says so', async () => {
  const seen = await open('');
  await seen.page.getByLabel('Find', { exact: true }).fill('reviews');
  await expect.poll(() => seen.page.locator('[data-testid=graph-node][data-found=true]').evaluateAll((all) => all.map((one) => one.getAttribute('data-name')).sort())).toEqual(['reviews v1', 'reviews v2', 'reviews v3']);
  expect(await seen.page.getByTestId('graph-find-result').innerText()).toContain('3 found');
  expect(await node(seen, 'reviews v1').getAttribute('aria-label')).toContain('found');
  await expect.poll(() => parameter(seen, 'find')).toBe('reviews');
  await seen.page.getByLabel('Find', { exact: true }).press('Enter');
  await seen.page.getByTestId('graph-side').waitFor();
  expect(await seen.page.getByTestId('graph-side').innerText()).toContain('reviews');

  const nodes = await seen.page.getByTestId('graph-node').count();
  const edges = await seen.page.getByTestId('graph-edge').count();
  await seen.page.getByRole('button', { name: 'As a table' }).click();
  const rows = seen.page.getByTestId('graph-nodes').locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(nodes);
  await seen.page.getByLabel('Hide', { exact: true }).fill('name:ingress');
  await expect.poll(() => seen.page.getByTestId('graph-node').count()).toBe(nodes - 1);
  await expect.poll(() => seen.page.getByTestId('graph-edge').count()).toBe(edges - 2);
  await expect.poll(() => rows.count()).toBe(nodes - 1);
  expect(await seen.page.getByRole('grid', { name: 'Traffic Graph' }).locator('tbody tr').count()).toBe(edges - 2);
  expect(await seen.page.getByTestId('graph-hide-result').innerText()).toContain('3 hidden');
  await world.shot(seen.page, 'graph-find');
  await seen.page.getByLabel('Hide', { exact: true }).fill('colour:red');
  await expect.poll(() => seen.page.getByTestId('graph-hide-result').innerText()).toContain('“colour:red” means nothing here');
  await expect.poll(() => seen.page.getByTestId('graph-node').count()).toBe(nodes);
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('56: boxes around namespaces and applications hold their members and nothing else, and tell their traffic', async () => {
  const seen = await open('');
  await seen.page.getByRole('button', { name: /^Boxes around/ }).click();
  await seen.page.getByRole('option', { name: 'Boxes by namespace and application' }).click();
  const boxes = () => seen.page.getByTestId('graph-box').evaluateAll((all) => all.map((one) => one.getAttribute('data-box')).sort());
  await expect.poll(boxes).toEqual(['app reviews', 'namespace bookinfo', 'namespace istio-system']);
  const frameOf = (name: string) => boxOf(seen.page.locator(`[data-box="${name}"]`).locator('xpath=..').locator('.ms-frame-body'));
  const [book, istio, reviews] = [await frameOf('namespace bookinfo'), await frameOf('namespace istio-system'), await frameOf('app reviews')];
  const holds = (frame: Box, one: Box) => one.x >= frame.x && one.y >= frame.y && one.x + one.width <= frame.x + frame.width && one.y + one.height <= frame.y + frame.height;
  expect(holds(book, reviews)).toBe(true);
  expect(book.y + book.height <= istio.y || istio.y + istio.height <= book.y).toBe(true);
  const labels = await seen.page.getByTestId('graph-node').evaluateAll((all) => all.map((one) => ({ name: one.getAttribute('data-name') ?? '', said: one.getAttribute('aria-label') ?? '' })));
  for (const { name, said } of labels) {
    const place = await boxOf(node(seen, name));
    expect(holds(book, place), name).toBe(said.includes(', bookinfo'));
    expect(holds(istio, place), name).toBe(said.includes(', istio-system'));
    expect(holds(reviews, place), name).toBe(name.startsWith('reviews'));
  }
  await world.shot(seen.page, 'graph-boxes');
  await seen.page.locator('[data-box="app reviews"]').focus();
  await seen.page.keyboard.press('Enter');
  const side = seen.page.getByTestId('graph-side');
  await side.waitFor();
  expect(await side.innerText()).toContain('3 nodes');
  expect(await side.getByRole('grid', { name: 'Inbound' }).locator('tbody tr').count()).toBe(3);
  expect(await side.getByRole('grid', { name: 'Outbound' }).locator('tbody tr').count()).toBe(2);
  expect(parameter(seen, 'boxBy')).toBe('namespace,app');
  await seen.context.close();
});

test('56: edges say what is chosen', async () => {
  const seen = await open('');
  const labels = () => seen.page.getByTestId('edge-label').allTextContents();
  type Edge = { data: { responseTime?: string; throughput?: string; traffic: { protocol: string; rates?: Record<string, string> } } };
  const { elements } = await (await seen.page.request.get(`${world.told.consoles.metered}/${seen.requests.find((one) => one.startsWith('api/namespaces/graph?'))}`)).json();
  const figures = (of: (edge: Edge['data']) => string | undefined) => (elements.edges as Edge[]).map((one) => Number(of(one.data) ?? 0)).filter((one) => one > 0).sort();
  const kOptions = [
    ['share of the traffic', /^[\d.]+ %$/, (edge: Edge['data']) => edge.traffic.rates?.[`${edge.traffic.protocol}PercentReq`]],
    ['response time, p95', /^\d+ ms$/, (edge: Edge['data']) => edge.responseTime],
    ['bytes per second', /^\d+ B\/s$/, (edge: Edge['data']) => edge.throughput],
    ['requests per second', /^[\d.]+\/s$/, (edge: Edge['data']) => edge.traffic.rates?.[edge.traffic.protocol]],
  ] as const;
  for (const [option, form, of] of kOptions) {
    await seen.page.getByRole('button', { name: /^Edges say/ }).click();
    await seen.page.getByRole('option', { name: option }).click();
    await expect.poll(async () => (await labels()).filter((one) => form.test(one)).length).toBeGreaterThan(5);
    expect((await labels()).filter((one) => !form.test(one)), option).toEqual([]);
    expect((await labels()).map((one) => Number.parseFloat(one)).sort(), option).toEqual(figures(of));
  }
  await seen.page.getByRole('button', { name: /^Edges say/ }).click();
  await seen.page.getByRole('option', { name: 'nothing' }).click();
  await expect.poll(() => labels()).toEqual([]);
  await seen.context.close();
});

test('56, 57: calls are numbered on their edges, gone through one by one and played; the chosen node tells its spans', async () => {
  const seen = await open(`&traceId=${known.D}`);
  await seen.page.getByTestId('hop').first().waitFor();
  const called = async () => (await seen.page.locator('[data-testid=graph-edge]:not([data-calls="0"])').evaluateAll((all) => all.map((one) => /; (\d+): /.exec(one.getAttribute('aria-label') ?? '')?.[1] ?? ''))).sort();
  expect(await called()).toEqual(['1', '2', '3', '4']);
  const drawn = (await seen.page.getByTestId('edge-label').allTextContents()).filter((one) => /^\d+: /.test(one)).sort();
  expect(drawn.map((one) => one[0])).toEqual(['1', '2', '3', '4']);
  expect(drawn.filter((one) => one.includes('✕')).map((one) => one[0])).toEqual(['4']);
  await seen.page.getByRole('button', { name: 'Next', exact: true }).click();
  await expect.poll(() => parameter(seen, 'hop')).toBe('1');
  await expect.poll(() => seen.page.getByTestId('current-hop').innerText()).toContain('Call 1 of 4: istio-ingressgateway');
  expect(await seen.page.locator('.ms-over.ms-over-now').count()).toBe(1);
  await seen.page.getByTestId('play').click();
  await expect.poll(() => parameter(seen, 'hop')).toBe('4');
  await expect.poll(() => seen.page.getByTestId('current-hop').innerText()).toContain('ratings');
  expect(await seen.page.locator('[data-testid=hop][aria-current=step]').count()).toBe(1);
  expect(await seen.page.getByTestId('overlay-facts').innerText()).toContain('Spans with error');
  await node(seen, 'reviews v2').click();
  const here = seen.page.getByTestId('spans-here');
  await here.waitFor();
  expect(await here.innerText()).toMatch(/2 spans on reviews v2/);
  expect(await here.innerText()).toMatch(/outbound, GET .*503/);
  await node(seen, 'ratings v1').click();
  await expect.poll(() => here.innerText()).toMatch(/1 spans on ratings v1[^]*inbound, GET .*503[^]*UF/);
  await seen.page.getByRole('button', { name: 'As a table' }).click();
  const row = seen.page.getByTestId('graph-nodes').locator('tbody tr').filter({ hasText: 'reviews v2' });
  expect(await row.locator('td').last().innerText()).toBe(await node(seen, 'reviews v2').getAttribute('data-spans'));
  await world.shot(seen.page, 'graph-steps');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('56: marks of nodes say what configures them and what they lack; the legend explains, the side panel, the table and the search know them', async () => {
  const seen = await open('&graphType=versionedApp');
  const marks = async (name: string) => node(seen, name).locator('xpath=..').getByTestId('badges').getAttribute('data-badges');
  const picture = async () => (await boxOf(seen.page.getByTestId('graph'))).width;
  const whole = await picture();
  expect(await marks('ratings-db latest')).toBe('outOfMesh idle');
  expect(await marks('ratings v1')).toBe('circuitBreaker');
  expect(await marks('istio-ingressgateway latest')).toBe('gateway root');
  expect(await node(seen, 'ratings-db latest').getAttribute('aria-label')).toMatch(/Healthy; No sidecar and no ambient mode; No traffic/);
  expect(await node(seen, 'ratings v1').locator('xpath=..').getByTestId('node-health').getAttribute('data-health')).toBe('Healthy');
  await seen.page.getByRole('button', { name: 'Legend' }).focus();
  await seen.page.keyboard.press('Enter');
  await seen.page.getByTestId('legend-body').waitFor();
  expect(parameter(seen, 'legend')).toBe('true');
  expect(await seen.page.getByTestId('legend-body').innerText()).toMatch(/Circuit breaker[^]*Traffic begins here/);
  await node(seen, 'ratings v1').click();
  await expect.poll(() => seen.page.getByTestId('marks').innerText()).toMatch(/Healthy[^]*Circuit breaker/);
  expect(await picture()).toBeLessThan(whole - 300);
  await seen.page.getByLabel('Find', { exact: true }).fill('mark:outofmesh');
  await expect.poll(() => seen.page.locator('[data-testid=graph-node][data-found=true]').evaluateAll((all) => all.map((one) => one.getAttribute('data-name')))).toEqual(['ratings-db latest']);
  await seen.page.getByRole('button', { name: 'As a table' }).click();
  expect(await seen.page.getByTestId('graph-nodes').locator('tbody tr').filter({ hasText: 'ratings v1' }).innerText()).toMatch(/Healthy\s+Circuit breaker/);
  await world.shot(seen.page, 'graph-marks');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('56: a box is closed and stands for its members, their edges, their traces; keys do it, the address keeps it', async () => {
  const seen = await open(`&boxBy=namespace,app&traceId=${known.D}`);
  await seen.page.getByTestId('hop').first().waitFor();
  const names = () => seen.page.getByTestId('graph-node').evaluateAll((all) => all.map((one) => one.getAttribute('data-name') ?? '').sort());
  const before = await names();
  const rateOf = async (way: string) => Number(/([\d.]+)\/s/.exec((await seen.page.locator(`[data-testid=graph-edge][aria-label*="${way}"]`).getAttribute('aria-label')) ?? '')?.[1]);
  const apart = (await Promise.all(['reviews v1', 'reviews v2', 'reviews v3'].map((name) => rateOf(`From productpage v1 to ${name}`)))).reduce((a, b) => a + b, 0);
  const fold = (name: string) => seen.page.locator(`[data-testid=graph-fold][data-fold="${name}"]`);
  await fold('Application reviews').focus();
  await seen.page.keyboard.press('Enter');
  await expect.poll(names).toEqual(before.filter((one) => !one.startsWith('reviews ')).concat('reviews').sort());
  expect(await node(seen, 'reviews').getAttribute('aria-label')).toContain('3 nodes');
  expect(await rateOf('From productpage v1 to reviews')).toBeCloseTo(apart, 2);
  expect(Number(await node(seen, 'reviews').getAttribute('data-spans'))).toBeGreaterThan(1);
  expect(await seen.page.locator('[data-testid=graph-edge]:not([data-calls="0"])').count()).toBe(4);
  await world.shot(seen.page, 'graph-closed');
  await seen.page.locator('[data-testid=graph-edge][aria-label*="From productpage v1 to reviews"]').focus();
  await seen.page.keyboard.press('Enter');
  const side = seen.page.getByTestId('graph-side');
  await expect.poll(() => side.innerText()).toContain('3 edges of a closed box');
  expect(await side.getByRole('grid', { name: 'Traffic' }).locator('tbody tr').count()).toBe(3);
  await seen.page.getByLabel('Find', { exact: true }).fill('name:v2 app:reviews');
  await expect.poll(() => node(seen, 'reviews').getAttribute('data-found')).toBe('true');
  await seen.page.reload();
  await node(seen, 'reviews').waitFor();
  await fold('Application reviews').click();
  await expect.poll(names).toEqual(before);
  await seen.page.getByTestId('close-boxes').click();
  await expect.poll(names).toEqual(['bookinfo', 'istio-system', 'travels v1', 'unknown']);
  expect(await seen.page.locator('[data-testid=graph-edge][aria-label*="From istio-system to bookinfo"]').count()).toBe(1);
  await seen.page.getByTestId('open-boxes').click();
  await expect.poll(names).toEqual(before);
  expect(parameter(seen, 'closed')).toBeNull();
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('56: no traffic: what was asked, and two ways on', async () => {
  const seen = await world.open('metered', `/graph?namespaces=default&${world.range()}`);
  const empty = seen.page.getByTestId('empty');
  await empty.waitFor();
  expect(await empty.innerText()).toContain('Between default nothing was sent');
  expect(await empty.getByRole('button').count()).toBe(2);
  await empty.getByRole('button', { name: 'Show idle edges' }).click();
  await expect.poll(() => parameter(seen, 'idle')).toBe('true');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});
