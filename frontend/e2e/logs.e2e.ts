import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.metered();
});
afterAll(async () => world.stop());

const open = (more = ''): Promise<Seen> => world.open('metered', `/namespaces/bookinfo/workloads/details-v1?tab=logs&${world.range()}${more}`);
const rows = (seen: Seen) => seen.page.getByTestId('log-row');
const count = async (seen: Seen): Promise<number> => Number(await seen.page.getByTestId('log-pane').getAttribute('data-rows'));
// The pane jumps to its end a moment after its first rows are there.
const atLast = (seen: Seen) =>
  expect.poll(() => seen.page.getByTestId('log-pane').evaluate((one) => one.querySelector(`[aria-posinset="${one.dataset['rows']}"]`) !== null)).toBe(true);

test('60: lines of the application white, of the proxy gold, spans blue, ascending by time', async () => {
  const seen = await open();
  await rows(seen).first().waitFor();
  await atLast(seen);
  const told = await rows(seen).evaluateAll((all) =>
    all.map((one) => ({
      kind: one.getAttribute('data-kind'),
      at: Number(one.getAttribute('aria-posinset')),
      time: one.querySelector('time')?.dateTime ?? '',
      color: getComputedStyle(one).color,
      text: one.textContent ?? '',
    })),
  );
  told.sort((a, b) => a.at - b.at);
  expect(told.map((row) => row.time)).toEqual(told.map((row) => row.time).sort());
  const colors = { app: 'rgb(255, 255, 255)', proxy: 'rgb(240, 171, 0)', span: 'rgb(115, 188, 247)' };
  for (const [kind, color] of Object.entries(colors)) {
    const mine = told.filter((row) => row.kind === kind);
    expect(mine.length, kind).toBeGreaterThan(0);
    expect(new Set(mine.map((row) => row.color)), kind).toEqual(new Set([color]));
  }
  expect(told.find((row) => row.kind === 'span')?.text).toMatch(/details\.bookinfo\.svc.*duration [\d.]+(µs|ms)/);
  await world.shot(seen.page, 'logs');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('61: a span leads to its trace', async () => {
  const seen = await open();
  await atLast(seen);
  const href = (await seen.page.locator('[data-kind=span] a').last().getAttribute('href')) ?? '';
  const meant = new URL(href, seen.page.url()).searchParams;
  await seen.page.locator(`[data-kind=span] a[href="${href}"]`).click();
  await seen.page.getByTestId('span-panel').waitFor();
  expect(await seen.page.locator('[data-testid=span-row][aria-selected=true]').getAttribute('data-span')).toBe(meant.get('spanId'));
  const { searchParams } = new URL(seen.page.url());
  expect([searchParams.get('tab'), searchParams.get('traceId')?.length, searchParams.get('spanId')?.length]).toEqual(['traces', 32, 16]);
  await seen.page.goBack();
  await rows(seen).first().waitFor();
  await seen.context.close();
});

test('62: show, hide and highlight; a wrong expression is told and changes nothing', async () => {
  const seen = await open();
  await rows(seen).first().waitFor();
  const all = await count(seen);
  const field = (name: string) => seen.page.getByRole('textbox', { name });
  await field('Hide').fill('[details]');
  await field('Hide').press('Enter');
  await expect.poll(() => count(seen)).toBeLessThan(all);
  expect(await seen.page.locator('[data-kind=app]').count()).toBe(0);
  const hidden = await count(seen);
  await seen.page.getByLabel('Regular expressions').click();
  await expect.poll(() => seen.page.getByLabel('Regular expressions').isChecked()).toBe(true);
  await field('Hide').fill('(');
  await field('Hide').press('Enter');
  await seen.page.getByTestId('log-wrong').waitFor();
  expect(new URL(seen.page.url()).searchParams.get('without')).toBe('[details]');
  await field('Hide').fill('HTTP/1\\.[01]');
  await field('Hide').press('Enter');
  await expect.poll(() => seen.page.locator('[data-kind=proxy]').count()).toBe(0);
  await expect.poll(() => count(seen)).toBe(hidden);
  await field('Hide').fill('');
  await field('Hide').press('Enter');
  await field('Highlight').fill('GET');
  await field('Highlight').press('Enter');
  await expect.poll(() => count(seen)).toBe(all);
  expect(await seen.page.locator('mark').first().innerText()).toBe('GET');
  await field('Show').fill('no such line');
  await field('Show').press('Enter');
  await expect.poll(() => seen.page.locator('[data-kind=app], [data-kind=proxy]').count()).toBe(0);
  expect(seen.requests.some((one) => one.includes('matches=no+such+line'))).toBe(true);
  await seen.context.close();
});

test('62: lines of a level and worse, in the address; that none passes is not that nothing was written', async () => {
  const seen = await open('&spans=false');
  await rows(seen).first().waitFor();
  const all = await count(seen);
  const choose = async (text: string) => {
    await seen.page.getByRole('button', { name: /^Level:/ }).click();
    await seen.page.getByRole('option', { name: text }).click();
  };
  await choose('WARN and worse');
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('level')).toBe('WARN');
  await expect.poll(() => seen.requests.some((one) => one.includes('severity=WARN'))).toBe(true);
  const answer = await (await seen.page.request.get(`${world.told.consoles.metered}/${seen.requests.findLast((one) => one.includes('severity=WARN'))}`)).json();
  expect(answer.entries.length).toBeLessThan(all);
  if (answer.entries.length > 0) await expect.poll(() => count(seen)).toBe(answer.entries.length);
  await choose('FATAL and worse');
  await expect.poll(() => seen.page.getByTestId('empty').innerText()).toMatch(/No line of .+ passes the filters\./);
  await seen.page.reload();
  await seen.page.getByTestId('empty').waitFor();
  expect(await seen.page.getByRole('button', { name: /^Level:/ }).innerText()).toBe('FATAL and worse');
  await choose('All levels');
  await expect.poll(() => count(seen)).toBe(all);
  await seen.context.close();
});

test('63: what was written before the last restart, which is not followed', async () => {
  const seen = await open();
  await rows(seen).first().waitFor();
  await seen.page.getByLabel('Before the last restart').click();
  await seen.page.getByTestId('empty').waitFor();
  expect(seen.requests.findLast((one) => one.includes('/logs?'))).toContain('previous=true');
  expect(await seen.page.getByTestId('empty').innerText()).toContain('No container was restarted');
  await seen.page.locator('label:has(#logs-follow)').click();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('follow')).toBe('true');
  expect(new URL(seen.page.url()).searchParams.has('previous')).toBe(false);
  await seen.context.close();
});

test('63: the newest lines, and more of them on demand', async () => {
  const seen = await open('&tail=100&spans=false');
  await seen.page.getByTestId('log-more').waitFor();
  expect(await seen.page.getByTestId('log-more').innerText()).toContain('details');
  expect(await count(seen)).toBe(100);
  const last = await seen.page.locator(`[aria-posinset="100"]`).innerText();
  await seen.page.getByTestId('log-more').getByRole('button').click();
  await expect.poll(() => count(seen)).toBeGreaterThan(100);
  const total = await count(seen);
  expect(await seen.page.locator(`[aria-posinset="${total}"]`).innerText()).toBe(last);
  await seen.context.close();
});

test('63: asking again keeps the reader where he stands, and at the end when he stands there', async () => {
  const seen = await world.open('metered', '/overview');
  let written = 0;
  await seen.page.route('**/workloads/details-v1/logs?**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    written += 5; // lines since the last time
    const { time } = body.entries.at(-1);
    for (let at = 0; at < written; at += 1) body.entries.push({ kind: 'app', time, pod: 'p', container: 'details', severity: 'INFO', message: `line ${at}` });
    await route.fulfill({ response: answer, json: body });
  });
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=logs&tail=1000&${world.range()}`));
  await rows(seen).first().waitFor();
  const pane = seen.page.getByTestId('log-pane');
  const place = () => pane.evaluate((one) => ({ top: one.scrollTop, rest: one.scrollHeight - one.scrollTop - one.clientHeight }));
  const again = async () => {
    const answered = seen.page.waitForResponse('**/workloads/details-v1/logs?**');
    await seen.page.getByTestId('refresh').click();
    await answered;
  };
  await expect.poll(async () => (await place()).rest).toBeLessThan(30);
  const lines = await count(seen);
  await again();
  await expect.poll(() => count(seen)).toBe(lines + 5);
  await expect.poll(async () => (await place()).rest).toBeLessThan(30);
  const end = await place();
  await pane.hover();
  await seen.page.mouse.wheel(0, -1500);
  await seen.page.getByRole('button', { name: 'To the end' }).waitFor();
  await expect.poll(async () => (await place()).top).toBe(end.top - 1500); // it no longer moves
  const before = await place();
  expect(before.rest).toBeGreaterThan(300);
  await again();
  await expect.poll(() => count(seen)).toBe(lines + 10);
  await seen.page.waitForTimeout(300); // whoever jumps does it a moment after the lines
  expect((await place()).top).toBe(before.top);
  await seen.page.getByRole('button', { name: 'To the end' }).click();
  await expect.poll(async () => (await place()).rest).toBeLessThan(30);
  await seen.context.close();
});

test('64: the fields of an access line, and all lines of its request', async () => {
  const seen = await open();
  await seen.page.getByTestId('log-fields').last().click();
  const dialog = seen.page.getByTestId('access-dialog');
  await dialog.waitFor();
  expect(await dialog.innerText()).toContain('The address that the request was sent to.');
  await world.shot(seen.page, 'access-line');
  const button = seen.page.getByRole('button', { name: /Only lines with request id/ });
  const id = (await button.innerText()).split(' ').at(-1) ?? '';
  await button.click();
  await expect.poll(() => new URL(seen.page.url()).searchParams.get('requestId')).toBe(id);
  await expect.poll(() => seen.page.locator('[data-kind=app], [data-kind=proxy]').allInnerTexts()).toHaveLength(2);
  for (const line of await seen.page.locator('[data-kind=app], [data-kind=proxy]').allInnerTexts()) expect(line).toContain(id);
  await seen.context.close();
});

test('64: a line tells the others of its request; the arrows move, and the file has what is shown', async () => {
  const seen = await open(`&mark=${known.G}`);
  await seen.page.getByTestId('log-mark').waitFor();
  await expect.poll(() => seen.page.getByTestId('log-mark').innerText()).toContain('3 rows');
  await seen.page.locator('[data-kind=app] [data-main]').last().click();
  await expect.poll(() => seen.page.locator('.ms-log-related').count()).toBe(3);
  await seen.page.keyboard.press('ArrowUp');
  await expect.poll(() => seen.page.evaluate(() => document.activeElement?.closest('[data-at]')?.getAttribute('data-kind'))).toBe('span');
  const all = await count(seen);
  await seen.page.locator('[data-testid=log-source][data-container=details] input').click();
  await expect.poll(() => count(seen)).toBeLessThan(all);
  const [file] = await Promise.all([seen.page.waitForEvent('download'), seen.page.getByTestId('log-download').click()]);
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBe(await count(seen));
  await seen.context.close();
});

test('65: a container that cannot be read is named, the others are shown', async () => {
  const seen = await world.open('metered', '/overview');
  await seen.page.route('**/workloads/details-v1/logs?**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.sources[1] = { ...body.sources[1], state: 'failed', reason: 'the node does not answer', lines: 0 };
    await route.fulfill({ response: answer, json: body });
  });
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=logs&${world.range()}`));
  expect(await seen.page.getByTestId('log-source-failed').innerText()).toContain('failed, the node does not answer');
  expect(await rows(seen).count()).toBeGreaterThan(10);
  await seen.context.close();
});

test('63: following shows what was there, and goes on behind the last line when the connection breaks', async () => {
  const seen = await world.open('metered', '/overview');
  const from: Array<string | undefined> = [];
  await seen.page.route('**/logs?**follow=true**', async (route) => {
    from.push(route.request().headers()['last-event-id']);
    const entry = (at: number) => JSON.stringify({ kind: 'app', time: (world.told.now / 1e6 + at) * 1e6, pod: 'p', container: 'details', severity: 'INFO', message: `line ${at}` });
    const body = from.length === 1 ? `event: entry\nid: 41\ndata: ${entry(1)}\n\n` : `event: lagged\ndata: {"dropped":7}\n\nevent: entry\nid: 42\ndata: ${entry(2)}\n\n`;
    await (from.length > 2 ? route.abort() : route.fulfill({ contentType: 'text/event-stream', body }));
  });
  await seen.page.goto(world.url('metered', '/namespaces/bookinfo/workloads/details-v1?tab=logs&follow=true'));
  await expect.poll(() => rows(seen).count()).toBe(2);
  expect(from.slice(0, 2)).toEqual([undefined, '41']);
  expect(await seen.page.getByTestId('log-lagged').innerText()).toContain('7 lines');
  await seen.page.unroute('**/logs?**follow=true**');
  await seen.page.goto(world.url('metered', `/namespaces/bookinfo/workloads/details-v1?tab=logs&follow=true&${world.range()}`));
  await expect.poll(() => count(seen)).toBeGreaterThan(100);
  expect(await seen.page.getByTestId('log-following').getAttribute('data-state')).toBe('open');
  await expect.poll(() => seen.page.getByTestId('log-pane').evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight)).toBeLessThan(30);
  await seen.context.close();
});
