import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atRest, gate, known, World, type Seen } from './world';
import { seriousOn } from './wcag';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'login', 'linkonly');
});
afterAll(async () => world.stop());

const tab = (more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}${more}`;

const signIn = async ({ page }: Seen) => {
  await page.locator('#token').fill(world.told.token);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByTestId('user').waitFor();
};

// Trace D out of a file, looked at in that way.
const openedFile = async (page: Page, view = 'Waterfall') => {
  const { data } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.D}`)).json();
  await page.getByTestId('trace-file').setInputFiles({ name: 'd.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ data: [data] })) });
  await page.getByTestId('span-count').waitFor();
  await page.getByRole('button', { name: view, exact: true }).click();
};

// Dialogs and pages that one only sees when something is done or wrong.
const kPlaces: ReadonlyArray<readonly [string, 'full' | 'login' | 'linkonly', () => string, (seen: Seen) => Promise<void>]> = [
  ['About', 'full', () => '/overview', async ({ page }) => {
    await page.getByTestId('help').click();
    await page.getByRole('menuitem', { name: 'About' }).click();
    await page.getByTestId('about-Jaeger').waitFor();
  }],
  ['settings', 'full', () => '/overview', async ({ page }) => {
    await page.getByTestId('help').click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByRole('dialog').waitFor();
  }],
  ['shortcuts', 'full', () => '/overview', async ({ page }) => {
    await page.getByTestId('help').waitFor();
    // The page listens a moment after it is there.
    await expect
      .poll(async () => {
        await page.keyboard.press('?');
        return page.getByRole('dialog').count();
      })
      .toBe(1);
  }],
  ['notifications', 'full', () => '/traces', async ({ page }) => {
    await expect.poll(() => page.getByTestId('status').getAttribute('data-light')).not.toBe('grey'); // else the refresh joins its first question
    await atRest(page);
    await page.route('**/api/istio/status', (route) => route.fulfill({ status: 500, json: { error: 'broken', code: 'internal', requestId: 'x' } }));
    await page.getByTestId('refresh').click();
    await expect.poll(() => page.getByTestId('bell').innerText()).toBe('1');
    await page.getByTestId('bell').click();
    await page.getByTestId('notice').waitFor();
  }],
  ['components', 'full', () => '/status', async ({ page }) => {
    await page.getByTestId('status').click();
    await page.getByTestId('component').first().waitFor();
  }],
  ['namespaces', 'full', () => '/workloads', async ({ page }) => {
    await page.getByRole('button', { name: 'All namespaces' }).click();
    await page.getByText('bookinfo').first().waitFor();
  }],
  ['a menu of filters', 'full', () => `/traces/${known.D}`, async ({ page }) => {
    await page.getByTestId('span-filter').click();
    await page.getByRole('menuitem', { name: 'With errors' }).waitFor();
  }],
  ['a trace that is not there', 'full', () => '/traces/00000000000000000000000000000bad', async ({ page }) => page.getByTestId('empty').waitFor()],
  ['a page that is not there', 'full', () => '/nowhere', async ({ page }) => page.locator('h1').waitFor()],
  ['a failing page', 'full', () => '/overview', async ({ page }) => {
    await page.route('**/api/traces/*/spans?*', (route) => route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'jaeger' } }));
    await page.goto(world.url('full', `/traces/${known.A}`));
    await page.getByTestId('failure').waitFor();
  }],
  ['spans as a table', 'full', () => `/traces/${known.D}?view=table`, async ({ page }) => page.getByTestId('span-table-row').first().waitFor()],
  ['logs of a trace', 'full', () => `/traces/${known.D}?view=logs`, async ({ page }) => page.getByTestId('no-events').waitFor()],
  ['flames', 'full', () => `/traces/${known.D}?view=flame`, async ({ page }) => page.getByTestId('flame-frame').first().waitFor()],
  ['a trace as JSON', 'full', () => `/traces/${known.D}?view=json`, async ({ page }) => page.getByTestId('json').waitFor()],
  ['what is missing', 'full', () => `/traces/${known.E}?missing=true`, async ({ page }) => page.getByTestId('gap-row').first().waitFor()],
  ['no file', 'full', () => '/traces/file', async ({ page }) => page.getByTestId('empty').waitFor()],
  ['a trace out of a file', 'full', () => '/traces/file', async ({ page }) => {
    await openedFile(page);
    await page.getByTestId('span-row').last().click();
    await page.getByTestId('span-panel').getByRole('grid', { name: 'Tags' }).waitFor();
  }],
  ['its spans as a table', 'full', () => '/traces/file', async ({ page }) => {
    await openedFile(page, 'Table');
    await page.getByTestId('span-table-row').first().waitFor();
  }],
  ['its statistics', 'full', () => '/traces/file', async ({ page }) => {
    await openedFile(page, 'Statistics');
    await page.getByTestId('stats-row').first().waitFor();
  }],
  ['its flames', 'full', () => '/traces/file', async ({ page }) => {
    await openedFile(page, 'Flame');
    await page.getByTestId('flame-frame').first().waitFor();
  }],
  ['a file that is no trace', 'full', () => '/traces/file', async ({ page }) => {
    await page.getByTestId('trace-file').setInputFiles({ name: 'broken.json', mimeType: 'application/json', buffer: Buffer.from('{') });
    await page.getByTestId('file-wrong').waitFor();
  }],
  ['an access line', 'full', () => `/namespaces/bookinfo/workloads/details-v1?tab=logs&${world.range()}`, async ({ page }) => {
    await page.getByTestId('log-fields').last().click();
    await page.getByTestId('access-dialog').waitFor();
  }],
  ['a range of one’s own', 'full', () => `/traces?${world.range()}`, async ({ page }) => {
    await page.getByRole('button', { name: /^Time range: / }).click();
    await page.getByRole('option').last().click();
    await page.locator('#range-from').fill('2039-01-01T00:00:00');
    await page.getByRole('dialog').locator('.pf-m-error').first().waitFor();
  }],
  ['saved searches', 'full', () => `/traces?${world.range()}`, async ({ page }) => {
    await page.getByTestId('save-search').click();
    await page.getByTestId('saved-searches').getByRole('button').last().click();
    await page.getByRole('menuitem').first().waitFor();
  }],
  ['settings that are tried', 'full', () => '/status?diagnose=true', async ({ page }) => {
    await page.getByTestId('diagnosis').waitFor(); // its arrival moves the form
    await page.getByRole('textbox').last().fill('http://127.0.0.1:1');
    await page.getByTestId('diagnose').getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByTestId('checked').locator('.pf-v6-c-alert').waitFor();
  }],
  ['probes', 'full', () => '/status', async ({ page }) => {
    await page.getByTestId('component-tracing').getByRole('button', { name: /^Probes since/ }).click();
    await page.getByTestId('probe').first().waitFor();
  }],
  ['a service', 'full', () => '/namespaces/bookinfo/services/reviews', async ({ page }) => page.getByText('Endpoints').waitFor()],
  ['an application', 'full', () => '/namespaces/bookinfo/applications/reviews', async ({ page }) => page.getByRole('link', { name: 'reviews-v3' }).waitFor()],
  ['comparing without traces', 'full', () => '/traces/compare', async ({ page }) => page.getByTestId('empty').waitFor()],
  ['link-only', 'linkonly', () => '/namespaces/bookinfo/workloads/details-v1', async ({ page }) => {
    await page.getByTestId('external-traces').waitFor();
    await page.getByRole('button', { name: 'Cause' }).click();
    await page.getByText('external_services.tracing.in_cluster_url').waitFor();
  }],
  ['login', 'login', () => '/overview', async ({ page }) => {
    await page.getByRole('button', { name: 'Log In' }).click();
    await page.getByText('Enter a token.').waitFor();
  }],
  ['a wrong token', 'login', () => '/overview', async ({ page }) => {
    await page.locator('#token').fill('nobody');
    await page.getByRole('button', { name: 'Log In' }).click();
    await page.getByTestId('login-error').waitFor();
  }],
  ['the end of a session', 'login', () => '/overview', async (seen) => {
    await signIn(seen);
    await seen.page.route('**/api/auth/info', async (route) => {
      const answer = await (await route.fetch()).json();
      if (answer.sessionInfo.expiresOn) answer.sessionInfo.expiresOn = new Date(Date.now() + 50_000).toUTCString();
      await route.fulfill({ json: answer });
    });
    await seen.page.reload();
    await seen.page.getByTestId('expiry').waitFor();
  }],
];

test.each(['light', 'dark'])('68: no serious violation on dialogs, menus and pages of failures, %s', async (theme) => {
  const found: string[] = [];
  const seen = new Map<string, Seen>();
  for (const [name, console, path, prepare] of kPlaces) {
    const here = seen.get(console) ?? (await world.open(console, path(), { theme }));
    if (seen.has(console)) {
      await here.page.unrouteAll({ behavior: 'ignoreErrors' });
      await here.page.goto(world.url(console, path()));
    }
    seen.set(console, here);
    await prepare(here);
    found.push(...(await seriousOn(here.page)).map((one) => `${name}: ${one}`));
    await world.shot(here.page, `access-${theme}-${name.replaceAll(' ', '-')}`);
  }
  for (const { context } of seen.values()) await context.close();
  expect(found, found.join('\n')).toEqual([]);
});

test('who wants less motion gets none: nothing on the page moves by itself', async () => {
  const running = async ({ page }: Seen) => {
    const looked = gate();
    await page.route('**/details-v1/traces?*', async (route) => {
      await looked.opened;
      await route.continue();
    });
    await page.goto(world.url('full', tab()));
    await page.getByTestId('traces-tab').getByTestId('loading').waitFor();
    const moving = await page.evaluate(async () => {
      // What takes no time is over after a frame.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return document.getAnimations().filter((one) => one.playState === 'running').length;
    });
    looked.open();
    await page.getByTestId('trace-row').first().waitFor();
    return moving;
  };
  const usual = await world.open('full', '/overview');
  expect(await running(usual)).toBeGreaterThan(0);
  await usual.context.close();
  const still = await world.open('full', '/overview', {}, { reducedMotion: 'reduce' });
  expect(await running(still)).toBe(0);
  await still.context.close();
});

test('with the keyboard alone: to the traces of a workload, one of them, its span, and back', async () => {
  const { page, context, complaints } = await world.open('full', `/workloads?${world.range()}`);
  await page.getByTestId('object-row').first().waitFor();
  // Tab until the focus is on what is looked for.
  const tabTo = async (what: string) => {
    await page.locator(what).first().waitFor();
    for (let at = 0; at < 80; at += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, what)) return;
    }
    throw new Error(`the focus never comes to ${what}`);
  };
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip');
  await page.keyboard.press('Enter');
  await tabTo('a[href*="/workloads/details-v1"]');
  await page.keyboard.press('Enter');
  await page.getByTestId('tab-info').waitFor();
  await tabTo('[data-testid="tab-traces"]');
  await page.keyboard.press('Enter');
  await page.getByTestId('trace-row').first().waitFor();
  await tabTo('[data-testid="trace-row"] button');
  // One stop for all rows: the next Tab leaves them.
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('[data-testid="trace-row"]') ?? null)).toBeNull();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-at]')?.getAttribute('data-at'))).toBe('1');
  await page.keyboard.press('Enter');
  await page.getByTestId('selected-trace').getByTestId('span-row').first().waitFor();
  await tabTo('[data-testid="waterfall"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByTestId('span-panel').waitFor();
  await page.goBack();
  await page.getByTestId('span-panel').waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await context.close();
});
