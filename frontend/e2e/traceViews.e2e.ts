import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogEntry, Trace, TraceRows } from '@/api/schema.gen';
import { similarTo } from '@/lib/similar';
import { linesOf, type LinesOf } from '@/lib/traceLines';
import { summarize, type Summary } from '@/lib/traceSummary';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

test('50: what is folded is in the address: one span, all, all but one; a link to a span unfolds what is above it', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.A}/spans`)).json();
  type Facts = { spanID: string; depth: number; children: number };
  const [root, ...rest] = spans as Facts[];
  const rows = () => page.getByTestId('span-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-span')));
  const folded = () => new URL(page.url()).searchParams.get('folded');
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(rows).toEqual([root?.spanID]);
  expect(folded()).toBe(root?.spanID);
  await page.reload();
  await expect.poll(rows).toEqual([root?.spanID]);
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(rows).toHaveLength(spans.length);
  expect(folded()).toBeNull();
  await page.getByRole('button', { name: 'Fold all', exact: true }).click();
  const top = rest.filter((span) => span.depth === 1).map((span) => span.spanID);
  await expect.poll(rows).toEqual([root?.spanID, ...top]);
  expect(folded()).toBe('all');
  const inner = rest.find((span) => span.depth === 1 && span.children > 0) as Facts;
  await page.locator(`[data-span="${inner.spanID}"]`).getByRole('button').click();
  await expect.poll(async () => (await rows()).length).toBeGreaterThan(1 + top.length);
  expect(folded()).toBe(`all,${inner.spanID}`);
  const last = rest.at(-1) as Facts;
  await page.goto(world.url('full', `/traces/${known.A}?folded=all&spanId=${last.spanID}`));
  await expect.poll(rows).toContain(last.spanID);
  await page.getByRole('button', { name: 'Unfold all' }).click();
  await expect.poll(rows).toHaveLength(spans.length);
  expect(folded()).toBeNull();
  expect(complaints).toEqual([]);
  await context.close();
});

test('46: the spans as a table, in the order of their own time; and what was written meanwhile', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.C}`);
  await page.route(`**/api/traces/${known.C}`, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    // The span that comes first writes last.
    const [first, last] = [body.data.spans[0], body.data.spans.at(-1)];
    first.logs = [{ timestamp: first.startTime + first.duration, fields: [{ key: 'event', type: 'string', value: 'answered' }] }];
    last.logs = [{ timestamp: last.startTime + 5, fields: [{ key: 'event', type: 'string', value: 'retry' }] }];
    await route.fulfill({ response: answer, json: body });
  });
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.C}/spans`)).json();
  type Facts = { spanID: string; selfTime: number };
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  await expect.poll(() => page.getByTestId('span-table-row').count()).toBe(spans.length);
  const head = page.getByTestId('span-table').getByRole('columnheader', { name: 'Self time' });
  await head.getByRole('button').click();
  await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending'); // the next direction is the other of what is drawn
  expect(new URL(page.url()).searchParams.get('spanSort')).toBe('self:asc');
  await head.getByRole('button').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('spanSort')).toBe('self:desc');
  const order = () => page.getByTestId('span-table-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-span')));
  const most = Math.max(...(spans as Facts[]).map((span) => span.selfTime));
  const wanted = (spans as Facts[]).find((span) => span.selfTime === most)?.spanID;
  await expect.poll(async () => (await order())[0]).toBe(wanted);
  await page.reload();
  await expect.poll(async () => (await order())[0]).toBe(wanted);
  await page.getByTestId('span-table-row').first().getByRole('button').click();
  await page.getByTestId('span-panel').waitFor();
  await world.shot(page, 'span-table');
  await page.getByRole('button', { name: 'Logs', exact: true }).click();
  await expect.poll(() => page.getByTestId('trace-event').count()).toBe(2);
  const said = await page.getByTestId('trace-event').allInnerTexts();
  expect([said[0], said[1]]).toEqual([expect.stringContaining('retry'), expect.stringContaining('answered')]);
  await page.getByTestId('trace-lines').getByRole('link', { name: 'reviews-v3' }).click();
  await page.getByTestId('logs-tab').waitFor();
  expect(new URL(page.url()).searchParams.get('mark')).toBe(known.C);
  expect(new URL(page.url()).pathname).toContain('/namespaces/bookinfo/workloads/reviews-v3');
  expect(complaints).toEqual([]);
  await context.close();
});

test('48: in a narrow window a chosen span is told below the rows, and comes into sight', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}`, {}, { viewport: { width: 800, height: 900 } });
  await page.getByTestId('span-row').last().click();
  const panel = page.getByTestId('span-panel');
  await panel.waitFor();
  // Both at one moment: the page is scrolled meanwhile.
  const [rows, told] = await page.evaluate(() => ['waterfall', 'span-panel'].map((id) => document.querySelector(`[data-testid=${id}]`)?.getBoundingClientRect()));
  expect(told?.top).toBeGreaterThan(rows?.bottom ?? Infinity);
  await expect.poll(async () => (await panel.boundingBox())?.y).toBeLessThan(740);
  // The name of the page stands beside the choice of namespaces, not below it.
  const brand = (await page.locator('.ms-brand').boundingBox()) ?? { x: 0, width: 0 };
  const next = (await page.getByRole('button', { name: 'All namespaces' }).boundingBox()) ?? { x: 0 };
  expect(brand.x + brand.width).toBeLessThanOrEqual(next.x);
  await context.close();
});

test('the trace as JSON: what the API gives, to copy; the beginning of a long one', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.A}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  const { data } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.A}`)).json();
  await expect.poll(async () => JSON.parse((await page.getByTestId('json').textContent()) ?? '{}')).toEqual(data);
  expect(new URL(page.url()).searchParams.get('view')).toBe('json');
  await page.getByTestId('copy').click();
  await expect.poll(() => page.getByTestId('copy').innerText()).toBe('Copied');
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toEqual(data);
  await page.goto(world.url('full', `/traces/${known.F}?view=json`));
  expect(await page.getByTestId('json-cut').innerText()).toMatch(/^The first 2,000 of [\d,]+ lines/);
  await page.getByTestId('copy').click(); // all of it
  await expect.poll(() => page.getByTestId('copy').innerText()).toBe('Copied');
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())).spans).toHaveLength(120);
  await page.route(`**/api/traces/${known.D}`, (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'jaeger' } }));
  await page.goto(world.url('full', `/traces/${known.D}?view=json`));
  expect(await page.getByTestId('failure').innerText()).toMatch(/Could not fetch trace[^]*away/);
  expect(complaints.filter((one) => !one.includes('503'))).toEqual([]);
  await context.close();
});

test('45: similar traces of the page’s trace: those of its workload around it; choosing one, Back, a failure', async () => {
  const { page, context, requests } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  const asked = () => requests.filter((one) => one.includes('/workloads/') && one.includes('/traces'));
  expect(asked()).toEqual([]); // only when they are wanted
  await page.getByRole('button', { name: 'Similar traces' }).click();
  await page.getByTestId('similar').waitFor();
  expect(asked()).toHaveLength(1);
  expect(asked()[0]).toMatch(/^api\/namespaces\/istio-system\/workloads\/istio-ingressgateway\/traces\?.*limit=100$/);
  const base = world.told.consoles.full;
  const { data: found } = await (await page.request.get(`${base}/${asked()[0]}`)).json();
  const { data: own } = await (await page.request.get(`${base}/api/traces/${known.A}`)).json();
  const shape = (one: Trace) => summarize(one) as Summary & { operations: ReadonlyMap<string, number> };
  const wanted = similarTo(shape(own), (found as Trace[]).map(shape)).map((one) => one.traceId);
  expect(wanted).toContain(known.B);
  const columns = page.getByTestId('similar').locator('thead [data-trace]');
  expect(await columns.evaluateAll((all) => all.map((one) => one.getAttribute('data-trace')))).toEqual(wanted.slice(0, 8));
  await world.shot(page, 'trace-similar');
  await columns.first().click();
  await expect.poll(() => new URL(page.url()).pathname).toContain(`/traces/${wanted[0]}`);
  await expect.poll(() => page.locator('h1 + code.ms-id').innerText()).toBe(wanted[0]);
  await page.getByTestId('similar').waitFor(); // of that one, too
  await page.goBack();
  await expect.poll(() => new URL(page.url()).pathname).toContain(`/traces/${known.A}`);
  await page.route('**/istio-ingressgateway/traces?**', (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'jaeger' } }));
  await page.goto(world.url('full', `/traces/${known.A}?similar=true`));
  expect(await page.getByTestId('failure').innerText()).toMatch(/Could not look for similar traces[^]*away/);
  expect(await page.getByTestId('span-row').count()).toBe(8);
  await context.close();
});

test('the graph of a trace says when there are no metrics to draw it from', async () => {
  const { page, context } = await world.open('full', `/traces/${known.A}?view=graph`);
  expect(await page.getByTestId('empty').innerText()).toContain('Metrics are off');
  await context.close();
});

test('48: the lines of a trace’s request, of each workload that took part; a workload that cannot be read is named', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.A}?view=logs`);
  const base = world.told.consoles.full;
  const rows = (await (await page.request.get(`${base}/api/traces/${known.A}/spans`)).json()) as TraceRows;
  const own = linesOf(rows) as LinesOf;
  const wanted = new Map<string, LogEntry[]>();
  for (const { namespace, workload } of own.owners) {
    const { entries } = await (await page.request.get(`${base}/api/namespaces/${namespace}/workloads/${workload}/logs?requestId=${own.requestId}&since=${own.since}&tail=500`)).json();
    wanted.set(workload, (entries as LogEntry[]).filter((one) => one.time <= own.until));
  }
  const all = [...wanted.values()].flat();
  expect(wanted.size).toBe(5);
  expect(all.length).toBeGreaterThan(4);
  const lines = page.getByTestId('request-lines');
  expect(await lines.getByTestId('log-pane').getAttribute('data-rows')).toBe(String(all.length));
  const times = await lines.locator('time').evaluateAll((found) => found.map((one) => one.getAttribute('datetime')));
  expect(times).toEqual(times.toSorted());
  expect(await lines.locator('.ms-log-whose').allInnerTexts()).toEqual(expect.arrayContaining(all.map((one) => one.pod)));
  await lines.getByTestId('log-fields').first().click();
  await page.getByTestId('access-dialog').waitFor();
  expect(await page.getByTestId('access-dialog').innerText()).toContain(own.requestId);
  await page.keyboard.press('Escape');
  await world.shot(page, 'trace-lines');
  expect(complaints).toEqual([]);
  await page.route('**/workloads/reviews-v2/logs?**', (route) => route.fulfill({ status: 403, json: { error: 'not yours', code: 'forbidden', requestId: 'x' } }));
  await page.reload();
  await expect.poll(() => page.getByTestId('lines-failed').innerText()).toContain('reviews-v2: not yours');
  expect(await lines.getByTestId('log-pane').getAttribute('data-rows')).toBe(String(all.length - (wanted.get('reviews-v2')?.length ?? 0)));
  await page.route('**/workloads/*/logs?**', (route) => route.fulfill({ status: 503, json: { error: 'no cluster', code: 'upstream_unreachable', requestId: 'x', upstream: 'kubernetes' } }));
  await page.reload();
  expect(await lines.getByTestId('failure').innerText()).toMatch(/Could not fetch the lines[^]*no cluster/);
  await context.close();
});

test('50: an error that is folded away is told at the span that hides it', async () => {
  const { page, context } = await world.open('full', `/traces/${known.D}`);
  await page.getByTestId('span-row').first().waitFor();
  expect(await page.getByTestId('failed-below').count()).toBe(0); // nothing is folded
  await page.getByTestId('waterfall').focus();
  await page.keyboard.press('ArrowLeft');
  const row = page.getByTestId('span-row');
  await expect.poll(() => row.count()).toBe(1);
  expect(await row.getByTestId('failed-below').count()).toBe(1);
  expect(await row.getAttribute('aria-label')).toContain(', an error is folded away');
  await page.goto(world.url('full', `/traces/${known.A}?folded=all`));
  await row.first().waitFor();
  expect(await page.getByTestId('failed-below').count()).toBe(0); // there is none
  await context.close();
});
