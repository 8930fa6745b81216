import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatDuration } from '@/lib/duration';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

test('43: the labels of A and of D', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  const text = await page.locator('.ms-trace-facts').innerText();
  expect(text).toContain('8 Spans');
  expect(text).toContain('5 Apps involved');
  expect(await page.getByTestId('errors').innerText()).toContain('0 Spans with error');
  const { spans } = (await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.A}/spans`)).json()) as { spans: Array<{ duration: number }> };
  expect(await page.getByTestId('average').innerText()).toBe(formatDuration(spans.reduce((sum, span) => sum + span.duration, 0) / spans.length));
  expect(await page.getByTestId('errors').getAttribute('class')).toContain('pf-m-green');
  expect(await page.getByTestId('view-trace').getAttribute('href')).toBe(`http://jaeger.example.com/trace/${known.A}`);
  await world.shot(page, 'trace');
  await page.goto(world.url('full', `/traces/${known.D}`));
  await expect.poll(() => page.getByTestId('errors').innerText()).toMatch(/[1-9]\d* Spans? with error/);
  expect(await page.getByTestId('errors').getAttribute('class')).toContain('pf-m-red');
  expect(complaints).toEqual([]);
  await context.close();
});

test('44: a missing root is told', async () => {
  const { page, context } = await world.open('full', `/traces/${known.E}`);
  await page.getByTestId('orphans').waitFor();
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.E}/spans`)).json();
  const orphans = spans.filter((span: { orphan: boolean }) => span.orphan).length;
  expect(orphans).toBeGreaterThan(0);
  expect(await page.getByTestId('orphans').innerText()).toBe(`Incomplete: ${orphans} spans without their parent`);
  expect(await page.locator('h1').innerText()).toContain('(Missing root span)');
  await context.close();
});

test('46: the rows are a tree, and the gap between client and server is shown', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  const rows = await page.getByTestId('span-row').evaluateAll((all) =>
    all.map((one) => ({ level: Number(one.getAttribute('aria-level')), service: one.querySelector('.ms-service')?.textContent?.split('.')[0] })),
  );
  expect(rows[0]).toEqual({ level: 1, service: 'istio-ingressgateway' });
  expect(rows.map((row) => row.service).filter((one, at, all) => all.indexOf(one) === at)).toEqual([
    'istio-ingressgateway', 'productpage', 'details', 'reviews', 'ratings',
  ]);
  // Each below whom it was called by: gateway > productpage > details, reviews > ratings.
  const deepest = (service: string) => Math.max(...rows.filter((row) => row.service === service).map((row) => row.level));
  expect(deepest('productpage')).toBeGreaterThan(1);
  expect(deepest('details')).toBe(deepest('productpage') + 1);
  expect(deepest('reviews')).toBeGreaterThanOrEqual(deepest('productpage') + 1);
  expect(deepest('ratings')).toBe(deepest('reviews') + 1);
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.A}/spans`)).json();
  type Facts = { spanID: string; kind: string; duration: number; pair: { spanID: string; gap: number | null } | null };
  const client = (spans as Facts[]).find((span) => span.kind === 'client' && span.pair) as Facts;
  const server = (spans as Facts[]).find((span) => span.spanID === client.pair?.spanID) as Facts;
  const bar = async (id: string) => {
    const box = await page.locator(`[data-span="${id}"]`).getByTestId('bar').boundingBox();
    return { left: box?.x ?? 0, right: (box?.x ?? 0) + (box?.width ?? 0) };
  };
  const [outer, inner] = [await bar(client.spanID), await bar(server.spanID)];
  expect(outer.left).toBeLessThan(inner.left);
  expect(outer.right).toBeGreaterThan(inner.right);
  // In the caller's bar stands what the called side took of it.
  const row = page.locator(`[data-span="${client.spanID}"]`);
  const mark = (await row.getByTestId('bar-server').boundingBox()) ?? { x: 0, width: 0 };
  expect(Math.abs(mark.x - inner.left)).toBeLessThan(1);
  expect(Math.abs(mark.x + mark.width - inner.right)).toBeLessThan(2.1); // a bar is at least 2 px wide
  const gap = `${formatDuration(client.duration - server.duration)} between client and server`;
  expect(await row.getByTestId('bar-server').getAttribute('title')).toBe(gap);
  expect(await row.getAttribute('aria-label')).toContain(gap);
  expect(await page.getByTestId('bar-server').count()).toBe((spans as Facts[]).filter((span) => span.kind === 'client' && span.pair).length);
  // The call of the known example: 24.13 ms at its client, 22.99 ms at its server.
  await page.route('**/spans?**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const span of body.spans) {
      if (span.spanID === client.spanID) Object.assign(span, { duration: 24_130, pair: { ...span.pair, gap: 24_130 - 22_990 } });
      if (span.spanID === server.spanID) span.duration = 22_990;
    }
    await route.fulfill({ response: answer, json: body });
  });
  await page.locator(`[data-span="${client.spanID}"]`).click();
  await expect.poll(() => page.getByTestId('gap').innerText()).toBe(`, ${formatDuration(client.duration - server.duration)} between client and server`);
  await page.reload();
  await expect.poll(() => page.getByTestId('gap').innerText()).toBe(', 1.14ms between client and server');
  expect(await page.locator(`[data-span="${client.spanID}"]`).innerText()).toContain('24.13ms');
  await context.close();
});

test('47: the critical path of C goes through ratings and is as long as the trace', async () => {
  const { page, context } = await world.open('full', `/traces/${known.C}?critical=true`);
  await page.getByTestId('critical').first().waitFor();
  expect(await page.locator('[data-testid=span-row]').filter({ hasText: 'ratings.bookinfo' }).last().getByTestId('critical').count()).toBeGreaterThan(0);
  const facts = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.C}/spans`)).json();
  const whole = facts.spans.reduce((sum: number, span: { criticalTime: number }) => sum + span.criticalTime, 0);
  expect(whole).toBe(facts.duration);
  const widths = await page.getByTestId('critical').evaluateAll((all) => all.map((one) => Number.parseFloat((one as HTMLElement).style.width)));
  expect(widths.reduce((sum, one) => sum + one, 0)).toBeCloseTo(100, 0);
  await world.shot(page, 'critical-path');
  await context.close();
});

test('48: the failed call of D: request, status, flag explained, tags; its address opens the same span', async () => {
  const { page, context } = await world.open('full', `/traces/${known.D}`);
  await page.getByTestId('span-row').filter({ hasText: 'UF' }).first().click();
  const panel = page.getByTestId('span-panel');
  await panel.getByTestId('flag').first().waitFor();
  const text = await panel.innerText();
  expect(text).toContain('503');
  expect(await panel.getByTestId('flag').first().innerText()).toMatch(/UF\s+\S.{10,}/);
  expect(text).toMatch(/(GET|POST) .*ratings/);
  await panel.getByRole('grid', { name: 'Tags' }).waitFor();
  const external = (await panel.getByRole('link', { name: 'View in Tracing' }).getAttribute('href')) ?? '';
  const spanId = new URL(page.url()).searchParams.get('spanId') ?? '';
  expect(external).toBe(`http://jaeger.example.com/trace/${known.D}?uiFind=${spanId}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await panel.getByRole('button', { name: 'Copy link' }).click();
  await panel.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await world.shot(page, 'span');
  const other = await world.open('full', '/overview');
  await other.page.goto(copied);
  await other.page.getByTestId('span-panel').getByTestId('flag').first().waitFor();
  expect(await other.page.locator('[data-testid=span-row][aria-selected=true]').getAttribute('data-span')).toBe(spanId);
  await other.context.close();
  // Each side of it says who is on the other one.
  const caller = panel.locator('a[href*="/workloads/"][href*="/reviews-"]').first();
  expect(await caller.innerText()).toMatch(/^reviews-v\d$/);
  await panel.getByRole('button', { name: /^[0-9a-f]{16}$/ }).click();
  const peer = panel.locator('a[href*="/services/ratings"]');
  await peer.waitFor();
  expect(await peer.innerText()).toBe('ratings');
  await context.close();
});

test('49: spans with errors of ratings, and those of no known workload: rows, labels, address, Back', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.D}`);
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.D}/spans`)).json();
  type Facts = { spanID: string; error: unknown; service: string; app: string | null; workload: string | null; identity: { app: string | null; workload: string | null } | null };
  const app = (span: Facts) => span.identity?.app ?? span.app;
  const failed = (spans as Facts[]).filter((span) => span.error);
  const wanted = failed.filter((span) => app(span) === 'ratings');
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.length).toBeLessThan(failed.length);
  await page.getByTestId('span-filter').click();
  await page.getByRole('menuitem', { name: 'With errors' }).click();
  await page.getByRole('menuitem', { name: 'ratings', exact: true }).click();
  await page.keyboard.press('Escape');
  const rows = () => page.getByTestId('span-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-span')));
  await expect.poll(rows).toEqual(wanted.map((span) => span.spanID));
  const labels = async () => [await page.getByTestId('span-count').innerText(), await page.getByTestId('app-count').innerText(), await page.getByTestId('errors').innerText()];
  expect(await labels()).toEqual([`${wanted.length} / ${spans.length} Spans`, '1 / 5 Apps involved', `${wanted.length} / ${failed.length} Spans with error`]);
  expect(new URL(page.url()).searchParams.getAll('only')).toEqual(['error:with', 'app:ratings']);
  await world.shot(page, 'span-filters');
  await page.reload();
  await expect.poll(rows).toEqual(wanted.map((span) => span.spanID));
  await page.goBack();
  await expect.poll(rows).toEqual(failed.map((span) => span.spanID));
  await page.goto(world.url('full', `/traces/${known.D}?only=error:with&only=app:details`));
  await page.getByText('No spans found').waitFor();
  expect(await page.getByTestId('errors').innerText()).toBe(`0 / ${failed.length} Spans with error`);
  expect(await page.getByTestId('errors').getAttribute('class')).toContain('pf-m-orange');
  await page.getByTestId('empty').getByRole('button', { name: 'Clear all filters' }).click();
  await expect.poll(rows).toHaveLength(spans.length);
  // No span of the fixture is without a workload: one loses it on the way.
  await page.route('**/spans?**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    Object.assign(body.spans[3], { workload: null, identity: null });
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(world.url('full', `/traces/${known.D}?only=workload:unknown`));
  await expect.poll(rows).toEqual([spans[3].spanID]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('50: everything by keyboard', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByTestId('span-panel').waitFor();
  const chosen = await page.locator('[data-testid=span-row][aria-selected=true]').getAttribute('data-span');
  expect(chosen).toBe(await page.getByTestId('span-row').nth(2).getAttribute('data-span'));
  const name = await page.locator('[data-testid=span-row][aria-selected=true]').getAttribute('aria-label');
  expect(name).toMatch(/^\S+: .+, [\d.]+(µs|ms|s)(, [\d.]+(µs|ms|s) between client and server)?$/);
  await page.keyboard.press('Escape');
  await page.getByTestId('span-panel').waitFor({ state: 'detached' });
  const rows = await page.getByTestId('span-row').count();
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => page.getByTestId('span-row').count()).toBe(1);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.getByTestId('span-row').count()).toBe(rows);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Keyboard shortcuts').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.goto(world.url('full', `/traces/${known.D}`));
  const failed = page.getByTestId('span-row').filter({ hasText: 'UF' }).first();
  expect(await failed.getAttribute('aria-label')).toMatch(/^ratings\.bookinfo: .+, [\d.]+(µs|ms|s), error$|^reviews\.bookinfo: .+, [\d.]+(µs|ms|s), error$/);
  await context.close();
});

test('50: a part of the time is looked at by keys, kept in the address, and left again', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('w');
  await expect.poll(() => new URL(page.url()).searchParams.get('window')).toBe('10500-31500');
  await page.reload();
  await expect.poll(() => page.locator('.ms-ticks .ms-span-time span').allInnerTexts()).toEqual(['10.5ms', '15.75ms', '21ms', '26.25ms']);
  await page.getByRole('button', { name: 'Whole trace' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('window')).toBeNull();
  await context.close();
});

test('51: the download holds every span', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  const file = await (await coming).createReadStream();
  let text = '';
  for await (const piece of file) text += String(piece);
  const trace = JSON.parse(text).data;
  expect(trace.spans).toHaveLength(8);
  const ends = trace.spans.map((span: { startTime: number; duration: number }) => span.startTime + span.duration);
  const starts = trace.spans.map((span: { startTime: number }) => span.startTime);
  expect(Math.max(...ends) - Math.min(...starts)).toBe(42_000);
  await context.close();
});

test('a search: a service, older traces, one by its id, and Back returns to the search', async () => {
  const { page, context, complaints } = await world.open('full', `/traces?${world.range()}&service=details.bookinfo&limit=20`);
  await page.getByTestId('trace-row').first().waitFor();
  expect(Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount'))).toBe(21);
  await page.getByTestId('older').click();
  await expect.poll(async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount'))).toBe(41);
  await page.getByLabel('Trace id').fill(known.F.toUpperCase());
  await page.getByRole('button', { name: 'Open' }).click();
  await expect.poll(() => page.locator('.ms-trace-facts').innerText()).toContain('120 Spans');
  expect(await page.getByTestId('span-row').count()).toBeLessThan(60);
  await page.goBack();
  await page.getByTestId('trace-row').first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});
