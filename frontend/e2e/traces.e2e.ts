import { afterAll, beforeAll, expect, test } from 'vitest';
import { dotOn } from './canvas';
import { atRest, gate, known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

const tab = (more = '', name = 'details-v1') => `/namespaces/bookinfo/workloads/${name}?tab=traces&${world.range()}${more}`;

test('16: the table and the chart of a workload show the traces of the range', async () => {
  const { page, context, requests, complaints } = await world.open('full', tab());
  await page.getByTestId('trace-row').first().waitFor();
  const asked = requests.filter((one) => one.includes('/workloads/details-v1/traces'));
  expect(asked).toHaveLength(1);
  const query = new URLSearchParams(asked[0]?.split('?')[1]);
  expect(Number(query.get('endMicros')) - Number(query.get('startMicros'))).toBe(600_001_000);
  const rows = Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount')) - 1;
  const answer = await (await page.request.get(world.told.consoles.full + '/' + asked[0])).json();
  expect(rows).toBe(answer.data.length);
  expect(rows).toBeGreaterThan(50);
  const scatter = page.getByTestId('scatter');
  expect(await scatter.getAttribute('aria-label')).toContain(`${rows} traces`);
  // The axis of time is the whole range, between the margins of the picture: C, which stands highest, is at its place.
  const { width } = (await scatter.boundingBox()) ?? { width: 0 };
  const c = answer.data.find((one: { traceID: string }) => one.traceID === known.C);
  const share = (Math.min(...c.spans.map((span: { startTime: number }) => span.startTime)) - Number(query.get('startMicros'))) / 600_001_000;
  await expect.poll(() => dotOn(scatter, [185, 218, 252], 12)).not.toBeNull();
  expect(Math.abs(((await dotOn(scatter, [185, 218, 252], 12))?.x ?? 0) - (70 + share * (width - 70 - 24)))).toBeLessThan(6);
  await world.shot(page, 'traces-tab');
  expect(complaints).toEqual([]);
  await context.close();
});

test('17: a slow answer shows a skeleton and never that there are none', async () => {
  const { page, context } = await world.open('full', '/overview');
  const looked = gate();
  await page.route('**/details-v1/traces?*', async (route) => {
    await Promise.all([looked.opened, new Promise((resolve) => setTimeout(resolve, 1500))]);
    await route.continue();
  });
  // Everything that the page ever says until the answer is there.
  await page.addInitScript(() => {
    const seen = { none: 0 };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      if (document.body?.textContent?.includes('No traces') || document.querySelector('[data-testid=empty]')) seen.none += 1;
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto(world.url('full', tab()));
  await page.getByTestId('traces-tab').getByTestId('loading').waitFor();
  looked.open();
  await page.getByTestId('trace-row').first().waitFor();
  expect(await page.evaluate(() => (window as unknown as { seen: { none: number } }).seen.none)).toBe(0);
  await context.close();
});

test('18: an empty range says what was asked and what to try', async () => {
  const { page, context, complaints } = await world.open('full', '/namespaces/bookinfo/workloads/details-v1?tab=traces&from=1000000000000&to=1000000060000');
  const empty = page.getByTestId('empty');
  await empty.waitFor();
  expect(await empty.innerText()).toContain('No traces');
  expect(await empty.innerText()).toContain('of details-v1');
  for (const name of ['Search a wider range', 'Drop the filters']) expect(await empty.getByRole('button', { name }).count()).toBe(1);
  await empty.getByRole('button', { name: 'Search a wider range' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('from')).toBe('999999700000');
  await page.goto(world.url('full', tab('&errs=true', 'reviews-v1')));
  await empty.waitFor();
  expect(await empty.innerText()).toContain('with errors');
  await empty.getByRole('button', { name: 'Drop the filters' }).click();
  await page.getByTestId('trace-row').first().waitFor();
  expect(new URL(page.url()).searchParams.get('errs')).toBeNull();
  expect(complaints).toEqual([]);
  await context.close();
});

test('20: a later failure keeps what is shown, with one notice that counts', async () => {
  const { page, context } = await world.open('full', tab());
  await page.getByTestId('trace-row').first().waitFor();
  await atRest(page);
  await page.route('**/details-v1/traces?*', async (route) => {
    await page.locator('.ms-busy').waitFor({ state: 'attached' }); // then it ends with this answer
    await route.fulfill({ status: 503, json: { error: 'Jaeger is away', code: 'upstream_unreachable', requestId: 'x' } });
  });
  for (let at = 0; at < 3; at += 1) {
    const answered = page.waitForResponse('**/details-v1/traces?*');
    await page.getByTestId('refresh').click();
    await answered;
    await atRest(page);
  }
  expect(await page.getByTestId('stale').count()).toBe(1);
  expect(await page.getByTestId('trace-row').count()).toBeGreaterThan(3);
  expect(await page.locator('.pf-v6-c-alert-group.pf-m-toast .pf-v6-c-alert').count()).toBeLessThanOrEqual(1);
  expect(await page.getByTestId('bell').innerText()).toBe('1');
  await page.getByTestId('bell').click();
  await page.getByTestId('notice').first().waitFor();
  expect(await page.getByTestId('notice').count()).toBe(1);
  await expect.poll(() => page.getByTestId('count').innerText()).toContain('3');
  await context.close();
});

test('23: errors only: in the address, and again after a reload', async () => {
  const { page, context } = await world.open('full', tab('', 'reviews-v2'));
  await page.getByTestId('trace-row').first().waitFor();
  await page.getByLabel('Only traces with errors').click();
  await expect.poll(() => page.getByTestId('trace-row').count()).toBe(1);
  expect(page.url()).toContain('errs=true');
  expect(await page.getByTestId('trace-row').getAttribute('data-trace')).toBe(known.D);
  await page.reload();
  await expect.poll(() => page.getByTestId('trace-row').count()).toBe(1);
  await context.close();
});

test('26: a limit that cuts says how much of the range is covered', async () => {
  const { page, context, requests } = await world.open('full', tab('&limit=10'));
  const told = page.getByTestId('coverage');
  await told.waitFor();
  const asked = requests.find((one) => one.includes('/details-v1/traces?')) ?? '';
  const query = new URLSearchParams(asked.split('?')[1]);
  const { data } = await (await page.request.get(`${world.told.consoles.full}/${asked}`)).json();
  const starts = data.map((one: { spans: Array<{ startTime: number }> }) => Math.min(...one.spans.map((span) => span.startTime)));
  const [start, end] = [Number(query.get('startMicros')), Number(query.get('endMicros'))];
  const share = Math.trunc((100 * (Math.min(Math.max(...starts), end) - Math.max(Math.min(...starts), start))) / (end - start));
  expect(await told.innerText()).toContain(`10 traces cover only ${share} % of the range`);
  await told.getByRole('button').click();
  const again = page.waitForResponse('**/details-v1/traces?*');
  await page.getByTestId('refresh').click();
  await again;
  await atRest(page);
  expect(await page.getByTestId('coverage').count()).toBe(0);
  await page.getByRole('button', { name: /^Limit:/ }).click();
  await page.getByRole('option', { name: '20 traces', exact: true }).click();
  await page.getByTestId('trace-row').first().waitFor();
  await expect.poll(async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount'))).toBe(21);
  await told.waitFor(); // another limit is another question
  await page.getByRole('button', { name: /^Limit:/ }).click();
  await page.getByRole('option', { name: '1000 traces', exact: true }).click();
  await expect.poll(async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount'))).toBeGreaterThan(50);
  expect(await page.getByTestId('coverage').count()).toBe(0);
  await page.goto(world.url('full', tab('&limit=1000')));
  await page.getByTestId('trace-row').first().waitFor();
  expect(await page.getByTestId('coverage').count()).toBe(0);
  await context.close();
});

test('29: the page of reviews-v1 has no trace of its siblings only', async () => {
  // Around A, where all rows are in sight: the page of reviews-v2 has it.
  const at = world.told.now / 1000 - 120_000;
  for (const [name, has] of [['reviews-v2', true], ['reviews-v1', false]] as const) {
    const near = await world.open('full', `/namespaces/bookinfo/workloads/${name}?tab=traces&from=${at - 15_000}&to=${at + 15_000}`);
    await near.page.locator('[data-testid=trace-row], [data-testid=empty]').first().waitFor();
    expect(await near.page.locator(`[data-trace="${known.A}"]`).count() > 0, `A at ${name}`).toBe(has);
    await near.context.close();
  }
  const { page, context } = await world.open('full', tab('&limit=1000', 'reviews-v1'));
  await page.getByTestId('trace-row').first().waitFor();
  const rows = await page.getByTestId('trace-row').evaluateAll((all) => all.map((one) => one.getAttribute('data-trace')));
  expect(rows).not.toContain(known.A);
  const shown = async () => Number(await page.getByTestId('trace-table').getAttribute('aria-rowcount')) - 1;
  const available = await shown();
  expect(available).toBeGreaterThan(10);
  expect(available).toBeLessThan(1000);
  for (const id of rows.slice(0, 3)) {
    const facts = await (await page.request.get(`${world.told.consoles.full}/api/traces/${id}/spans`)).json();
    expect(facts.spans.some((span: { identity: { workload: string } | null }) => span.identity?.workload === 'reviews-v1')).toBe(true);
  }
  // As many as were asked for, after what is not of this workload is left out.
  await page.goto(world.url('full', tab('&limit=10', 'reviews-v1')));
  await expect.poll(shown).toBe(10);
  await context.close();
});

test('33: choosing one trace, then another, then Back and Forward', async () => {
  const { page, context } = await world.open('full', tab('&limit=1000'));
  const choose = async (id: string) => {
    await page.goto(page.url().replace(/&traceId=[^&]*/, '') + `&traceId=${id}`);
    await page.getByTestId('selected-trace').waitFor();
  };
  await page.getByTestId('trace-row').first().waitFor();
  // The bubble that stands highest: nothing takes as long as C.
  const scatter = page.getByTestId('scatter');
  await expect.poll(() => dotOn(scatter, [185, 218, 252], 12)).not.toBeNull();
  await scatter.click({ position: (await dotOn(scatter, [185, 218, 252], 12)) ?? { x: 0, y: 0 } });
  await expect.poll(() => new URL(page.url()).searchParams.get('traceId')).toBe(known.C);
  await page.getByTestId('trace-row').nth(1).getByRole('button').click();
  const first = new URL(page.url()).searchParams.get('traceId');
  await page.getByTestId('selected-trace').getByTestId('span-row').first().waitFor();
  await page.getByTestId('trace-row').nth(2).getByRole('button').click();
  const second = new URL(page.url()).searchParams.get('traceId');
  expect(second).not.toBe(first);
  await page.goBack();
  await expect.poll(() => page.getByTestId('selected-trace').locator('code').innerText()).toBe(first);
  await page.goForward();
  await expect.poll(() => page.getByTestId('selected-trace').locator('code').innerText()).toBe(second);
  await choose(known.C);
  expect(await page.getByTestId('duration').innerText()).toBe('2.4s');
  await page.getByTestId('selected-trace').getByTestId('span-row').first().waitFor();
  await page.getByTestId('waterfall').focus();
  // At once: the second change of the address keeps the first.
  await page.keyboard.press('w');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => new URL(page.url()).searchParams.get('window')).not.toBeNull();
  await expect.poll(() => new URL(page.url()).searchParams.get('folded')).not.toBeNull();
  await page.getByTestId('trace-row').nth(3).getByRole('button').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('traceId')).not.toBe(known.C);
  for (const name of ['window', 'folded', 'spanId']) expect(new URL(page.url()).searchParams.get(name), name).toBeNull();
  await context.close();
});

test('34: an unknown trace in the address says so and leaves the rest', async () => {
  const { page, context } = await world.open('full', tab('&traceId=00000000000000000000000000000bad'));
  await page.getByText('Trace not found').waitFor();
  expect(await page.getByTestId('trace-row').count()).toBeGreaterThan(3);
  expect(page.url()).toContain('traceId=');
  await page.getByTestId('close-trace').first().click();
  await page.getByTestId('selected-trace').waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('traceId=');
  await context.close();
});

test('66: another time zone: chart, table and logs say the same times, and UTC when it is chosen', async () => {
  const zone = 'Asia/Kolkata';
  const { page, context, requests } = await world.open('full', tab(), { utc: false }, { timezoneId: zone });
  const row = page.getByTestId('trace-row').first();
  await row.waitFor();
  const { data } = await (await page.request.get(`${world.told.consoles.full}/${requests.find((one) => one.includes('/details-v1/traces?'))}`)).json();
  const id = await row.getAttribute('data-trace');
  const trace = data.find((one: { traceID: string }) => one.traceID === id);
  const started = Math.min(...trace.spans.map((span: { startTime: number }) => span.startTime)) / 1000;
  const from = world.told.now / 1000 - 600_000;
  const clock = (ms: number, timeZone: string) => new Intl.DateTimeFormat('en', { timeStyle: 'medium', timeZone }).format(ms);
  const says = async (timeZone: string) => {
    await expect.poll(() => row.locator('[role=cell]').nth(1).innerText()).toBe(clock(started, timeZone));
    expect(await page.getByTestId('scatter').getAttribute('aria-label')).toContain(clock(from, timeZone));
    expect(await page.getByRole('button', { name: /^Time range/ }).innerText()).toContain(clock(from, timeZone));
  };
  expect(clock(started, zone)).not.toBe(clock(started, 'UTC'));
  await says(zone);
  await page.goto(world.url('full', `/namespaces/bookinfo/workloads/details-v1?tab=logs&${world.range()}`));
  const total = await page.getByTestId('log-pane').getAttribute('data-rows');
  const line = page.locator(`[data-testid=log-row][aria-posinset="${total}"]`); // the pane goes to its end first
  await line.waitFor();
  const hour = () => line.locator('time').innerText().then((text) => text.slice(0, 5));
  const local = await hour();
  await page.getByTestId('help').click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.locator('#settings-zone').selectOption('utc');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  await expect.poll(async () => (minutes(local) - minutes(await hour()) + 1440) % 1440).toBe(330);
  await page.goto(world.url('full', tab()));
  await says('UTC');
  await context.close();
});

test('18: no traces of a workload: the reason, and what was looked at', async () => {
  const { page, context, requests } = await world.open('full', '/namespaces/bookinfo/workloads/details-v1?tab=traces&from=1000000000000&to=1000000060000');
  const why = page.getByTestId('why');
  await why.waitFor();
  const query = new URLSearchParams(requests.find((one) => one.startsWith('api/tracing/explain'))?.split('?')[1]);
  expect([query.get('workload'), query.get('startMicros'), query.get('endMicros')]).toEqual(['details-v1', '1000000000000000', '1000000060000000']);
  const { verdict, ladder } = await (await page.request.get(`${world.told.consoles.full}/api/tracing/explain?${query.toString()}`)).json();
  expect(await why.getAttribute('data-code')).toBe(verdict.code);
  expect(await why.innerText()).toContain(verdict.summary);
  await why.getByRole('button', { name: 'What was looked at' }).click();
  await expect.poll(() => why.locator('[data-testid^=rung-]').count()).toBe(ladder.length);
  await world.shot(page, 'why-empty');
  await context.close();
});
