import { afterAll, beforeAll, expect, test } from 'vitest';
import { kMore, kTexts, plainOn } from './pseudo';
import { atRest, known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'off', 'restarted', 'down', 'noprefix', 'login');
});
afterAll(async () => world.stop());

test('1, 3: with both addresses there is an entry of our own and an external one, with one slash', async () => {
  const { page, context, complaints } = await world.open('full', '/overview');
  const external = page.getByTestId('external-tracing');
  await external.waitFor();
  expect(await external.getAttribute('href')).toBe('http://jaeger.example.com');
  expect(await external.getAttribute('target')).toBe('_blank');
  expect(await external.getAttribute('rel')).toContain('noopener');
  expect((await external.innerText()).trim()).toBe('Distributed Tracing');
  expect(await page.getByRole('link', { name: 'Traces', exact: true }).count()).toBe(1);
  await page.getByTestId('namespace-card').nth(3).waitFor(); // at least four
  await world.shot(page, 'overview');
  expect(complaints).toEqual([]);
  await context.close();
});

test('5: tracing off: no tab, no entry, and the page says so', async () => {
  const { page, context } = await world.open('off', '/overview');
  // The tabs stand before it is known whether there is tracing.
  await Promise.all([page.waitForResponse('**/api/tracing'), page.goto(world.url('off', '/namespaces/bookinfo/workloads/details-v1'))]);
  await page.getByTestId('tab-info').waitFor();
  await atRest(page);
  expect(await page.getByTestId('tab-traces').count()).toBe(0);
  expect(await page.getByTestId('external-traces').count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Traces', exact: true }).count()).toBe(0);
  await page.goto(world.url('off', '/traces'));
  await page.getByText('Tracing is off').waitFor();
  await context.close();
});

test('6: About lists Jaeger with its address, Escape closes it and the focus returns', async () => {
  const { page, context } = await world.open('full', '/overview');
  const help = page.getByTestId('help');
  await help.click();
  await page.getByRole('menuitem', { name: 'About' }).click();
  const row = page.getByTestId('about-Jaeger');
  await row.waitFor();
  const link = row.getByRole('link');
  expect(await link.getAttribute('href')).toBe('http://jaeger.example.com');
  expect((await row.locator('td').nth(1).innerText()).trim()).toMatch(/^v?\d+\.\d+|^unknown$/);
  await world.shot(page, 'about');
  await page.keyboard.press('Escape');
  await row.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'help');
  await context.close();
});

test('7: Jaeger stops and starts again: orange and Jaeger Unreachable, then green without a reload', async () => {
  const { page, context } = await world.open('restarted', '/status');
  const status = page.getByTestId('status');
  const light = async (color: string) => {
    await expect
      .poll(
        async () => {
          await page.getByTestId('refresh').click();
          return status.getAttribute('data-light');
        },
        { interval: 700 },
      )
      .toBe(color);
  };
  await light('green');
  await world.jaeger('off');
  await light('orange');
  await expect.poll(() => status.innerText()).toBe('Jaeger Unreachable');
  const card = page.getByTestId('component-tracing');
  // One that is just stopping may say something else, and only probes that this page asks for are in its log.
  await expect
    .poll(
      async () => {
        await page.getByTestId('refresh').click();
        return card.innerText();
      },
      { interval: 700 },
    )
    .toMatch(/refused/);
  await status.focus();
  await page.keyboard.press('Enter');
  const jaeger = page.getByTestId('component').filter({ hasText: 'Jaeger' });
  await jaeger.waitFor();
  expect(await jaeger.innerText()).toMatch(/Jaeger\s+Unreachable/);
  expect((await jaeger.locator('.ms-reason').innerText()).length).toBeGreaterThan(10);
  await world.shot(page, 'unreachable');
  await page.keyboard.press('Escape');
  await world.jaeger('on');
  await light('green');
  await card.getByRole('button', { name: /^Probes since this page was opened/ }).click();
  const probes = card.getByTestId('probe');
  await expect.poll(() => probes.allInnerTexts()).toEqual(expect.arrayContaining([expect.stringMatching(/Healthy[^]*ms/), expect.stringMatching(/Unreachable[^]*refused/)]));
  expect(await probes.first().innerText()).toContain('Healthy');
  expect(await page.getByTestId('component-istiod').innerText()).toContain('Not asked: known from its objects in the cluster');
  await page.reload();
  await expect.poll(() => probes.count()).toBe(1); // still open; what was heard before is forgotten
  await world.shot(page, 'status');
  await context.close();
});

test('8: the status itself fails: unknown, and one notice that counts', async () => {
  const { page, context } = await world.open('full', '/traces');
  const status = page.getByTestId('status');
  await expect.poll(() => status.getAttribute('data-light')).not.toBe('grey'); // else the first refresh joins its first question
  await atRest(page);
  await page.route('**/api/istio/status', async (route) => {
    await page.locator('.ms-busy').waitFor({ state: 'attached' }); // then it ends with this answer
    await route.fulfill({ status: 500, json: { error: 'broken', code: 'internal', requestId: 'x' } });
  });
  for (let at = 0; at < 3; at += 1) {
    const answered = page.waitForResponse('**/api/istio/status');
    await page.getByTestId('refresh').click();
    await answered;
    await atRest(page);
  }
  expect(await status.getAttribute('data-light')).toBe('grey');
  await page.getByTestId('bell').click();
  await page.getByTestId('notice').first().waitFor();
  expect(await page.getByTestId('notice').count()).toBe(1);
  await expect.poll(() => page.getByTestId('count').innerText()).toContain('3');
  expect(await page.getByTestId('notice').innerText()).toContain('broken');
  await context.close();
});

test('10, 19: a wrong path and a dead backend say Could not fetch traces, the cause and the setting', async () => {
  for (const console of ['noprefix', 'down'] as const) {
    const { page, context } = await world.open(console, `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`);
    const failure = page.getByTestId('failure');
    await failure.waitFor();
    expect(await failure.innerText()).toContain('Could not fetch traces');
    expect(await failure.getByTestId('setting').innerText()).toContain('external_services.tracing.');
    if (console === 'noprefix') {
      const said = await failure.locator('p').first().innerText(); // its cause, in small, says the same of another protocol
      for (const word of ['path prefix', "base path is '/jaeger'"]) expect(said).toContain(word);
      expect(await failure.innerText()).toMatch(/set external_services\.tracing\.in_cluster_url to\s+'http[^']*\/jaeger'/);
    }
    expect(await failure.getByRole('button', { name: 'Retry' }).count()).toBe(1);
    await world.shot(page, `failure-${console}`);
    await context.close();
  }
});

test('12: login: blank, wrong, right, and back to where one wanted to go', async () => {
  const wanted = `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`;
  const { page, context } = await world.open('login', wanted);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByText('Enter a token.').waitFor();
  await page.locator('#token').fill('nonsense');
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByTestId('login-error').waitFor();
  await page.locator('#token').fill(world.told.token);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByTestId('trace-row').first().waitFor();
  expect(page.url()).toBe(world.url('login', wanted));
  await page.getByTestId('user').click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.locator('#token').waitFor();
  await context.close();
});

test('13: a session with little time left warns, and logging out leads to the login', async () => {
  const { page, context } = await world.open('login', '/overview');
  await page.locator('#token').fill(world.told.token);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByTestId('user').waitFor();
  await page.route('**/api/auth/info', async (route) => {
    const answer = await (await route.fetch()).json();
    if (answer.sessionInfo.expiresOn) answer.sessionInfo.expiresOn = new Date(Date.now() + 59_000).toUTCString();
    await route.fulfill({ json: answer });
  });
  await page.reload();
  const left = async () => Number(/It ends in (\d+) s\./.exec(await page.getByTestId('expiry').innerText())?.[1]);
  await page.getByTestId('expiry').waitFor();
  const first = await left();
  expect(first).toBeLessThan(60);
  await expect.poll(left).toBeLessThan(first - 1); // it counts
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.locator('#token').waitFor();
  await context.close();
});

test('14: the dark theme stays after a reload', async () => {
  const { page, context, complaints } = await world.open('full', `/traces/${known.A}`);
  await page.getByTestId('span-row').first().waitFor();
  await page.getByTestId('theme').click();
  const dark = () => page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'));
  expect(await dark()).toBe(true);
  await page.reload();
  await page.getByTestId('span-row').first().waitFor();
  expect(await dark()).toBe(true);
  await world.shot(page, 'trace-dark');
  expect(complaints).toEqual([]);
  await context.close();
});

test('settings: colours for colour blindness and the pace of refreshing are kept; About is copied as text', async () => {
  const { page, context } = await world.open('full', '/overview', { refresh: null });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const open = async (item: string) => {
    await page.getByTestId('help').click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await open('Settings');
  await page.getByLabel('Colours of comparisons').selectOption({ label: 'Colours for colour blindness' });
  await page.getByLabel('Refresh interval', { exact: true }).selectOption({ label: 'Every 5m' });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await page.reload();
  await page.getByTestId('namespace-card').first().waitFor();
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('meshscope.settings') ?? '{}'));
  expect([kept.safeColors, kept.refresh]).toEqual([true, 300_000]);
  await page.getByRole('button', { name: 'Refresh interval: Every 5m' }).waitFor();
  await open('About');
  await page.getByTestId('about-Jaeger').getByRole('link').waitFor();
  await page.getByRole('button', { name: 'Copy as text' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^Meshscope [^]*Jaeger[^]*http:\/\/jaeger\.example\.com/);
  await context.close();
});

test('15: another language, and the pseudo-locale leaves no plain text', async () => {
  const path = `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`;
  const german = await world.open('full', path, { language: 'de' });
  await german.page.getByText('Nur Traces mit Fehlern').waitFor();
  await german.context.close();
  const { page, context } = await world.open('full', path, { language: 'en-XA' });
  await page.getByTestId('trace-row').first().waitFor();
  const expectNone = async (what: string) => {
    const plain = await plainOn(page, what);
    expect(plain, plain.join('\n')).toEqual([]);
  };
  const always = kTexts;
  await expectNone(`${always}, .ms-th button, .ms-legend button, .ms-meta > span`);
  await world.shot(page, 'pseudo');
  await page.goto(world.url('full', `/traces/${known.D}?only=error:with`));
  await page.getByTestId('span-row').first().click();
  await page.getByTestId('flag').or(page.getByTestId('gap')).first().waitFor();
  const facts = `${always.replace(', h3', '')}, .ms-trace-facts .pf-v6-c-label, .ms-trace-facts a, .ms-trace-facts button, dt, .ms-panel th, [data-testid=span-filters] button, .ms-controls label`;
  await expectNone(facts);
  await page.goto(world.url('full', '/namespaces/bookinfo/workloads/details-v1?tab=traces&from=1000000000000&to=1000000060000'));
  await page.getByTestId('why').waitFor();
  await expectNone(`${always}, [data-testid=empty] button, [data-testid=why] strong`);
  await page.goto(world.url('full', `/namespaces/bookinfo/workloads/details-v1?tab=logs&${world.range()}`));
  await page.getByTestId('log-row').first().waitFor();
  // Containers have names of their own.
  await expectNone(`${always.replace('label,', 'label:not(.ms-log-sources label),')}, [data-testid=logs-tab] .pf-v6-c-menu-toggle`);
  await context.close();
});

test('15: nor do the ways to look at a trace, a file, lists, the search and the status', async () => {
  const { page, context } = await world.open('full', '/overview', { language: 'en-XA' });
  const trace = `/traces/${known.D}`;
  const places: ReadonlyArray<readonly [path: string, testId: string, what?: string]> = [
    ['/overview', 'namespace-card', '.pf-v6-c-nav a, h1, h2'],
    [`/workloads?health=Healthy`, 'row-count', 'h1, th, [data-testid=row-count], .pf-v6-c-menu-toggle__text'],
    [`/traces?${world.range()}`, 'facets', `${kMore.replace('.ms-reason, ', '')}, .ms-field > span, [data-testid=saved-searches] button, [data-testid=narrowed]`],
    [`/traces/${known.E}?missing=true`, 'gap-row', '.pf-v6-c-expandable-section__toggle-text, [data-testid=gaps] th, [data-testid=gap-row] td:nth-child(1), [data-testid=gap-row] td:nth-child(3), [data-testid=gap-row] td:nth-child(5)'],
    [`${trace}?similar=true`, 'similar', `${kMore.replace('th, ', '')}, [data-testid=similar] th[scope=row]`],
    [`${trace}?view=table`, 'span-table', kMore],
    [`${trace}?view=statistics`, 'statistics', `${kMore}, [data-testid=statistics] .pf-v6-c-menu-toggle__text`],
    [`${trace}?view=flame`, 'flame', '[data-testid=flame] > .ms-row'],
    [`${trace}?view=logs`, 'trace-logs', `${kMore}, [data-testid=trace-logs] h2`],
    [`${trace}?view=json`, 'json', kMore],
    [`${trace}?view=graph`, 'empty', `${kMore}, [data-testid=empty] h2`],
    ['/traces/file', 'empty', `${kMore}, h1, h2, [data-testid=empty] p`],
    [`/traces/compare?a=${known.A}&b=${known.B}`, 'compared', `h1, h2, th, [data-testid=compared-duration] td:first-child`],
    ['/status?diagnose=true', 'component-tracing', 'h1, dt, .pf-v6-c-expandable-section__toggle-text'],
  ];
  const plain: string[] = [];
  for (const [path, testId, what = kMore] of places) {
    await page.goto(world.url('full', path));
    await page.getByTestId(testId).first().waitFor();
    plain.push(...(await plainOn(page, what)).map((text) => `${path}: ${text}`));
  }
  expect(plain, plain.join('\n')).toEqual([]);
  await context.close();
});
