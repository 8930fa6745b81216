import { afterAll, beforeAll, expect, test } from 'vitest';
import { atRest, World, type Seen } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'noprefix', 'down');
});
afterAll(async () => world.stop());

const kNothing = 'from=1000000000000&to=1000000060000';
const copied = async (seen: Seen): Promise<string> => seen.page.evaluate(() => navigator.clipboard.readText());
const open = async (...what: Parameters<World['open']>): Promise<Seen> => {
  const seen = await world.open(...what);
  await seen.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return seen;
};

test('10: a failing Traces tab says which setting to change, from what to what, and what it looked at', async () => {
  const seen = await open('noprefix', `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`);
  const { page } = seen;
  await page.getByTestId('failure').waitFor();
  const why = page.getByTestId('explanation');
  await why.getByTestId('why').waitFor();
  expect(await why.getByTestId('why').getAttribute('data-code')).toBe('path_prefix_missing');
  expect(await why.getByTestId('explained-setting').innerText()).toBe('external_services.tracing.in_cluster_url');
  const value = await why.getByTestId('explained-value').innerText();
  expect(value).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/jaeger$/);
  expect(await why.innerText()).toContain('certain');
  await why.getByTestId('copy').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => why.getByTestId('copy').innerText()).toBe('Copied');
  expect(await copied(seen)).toBe(value);
  await why.getByRole('button', { name: 'What was looked at' }).click();
  const steps = why.getByTestId('explained-steps').locator('tbody tr');
  await expect.poll(() => steps.count()).toBe(10);
  expect(new URL(page.url()).searchParams.get('steps')).toBe('true');
  await page.reload();
  await expect.poll(() => steps.count()).toBe(10);
  expect(await steps.filter({ hasText: 'failed' }).innerText()).toMatch(/^Path/);
  const colour = (state: string) => steps.getByRole('gridcell', { name: state, exact: true }).first().evaluate((one) => getComputedStyle(one).color);
  expect(await colour('failed')).toBe('rgb(201, 25, 11)');
  expect(await colour('good')).not.toBe('rgb(201, 25, 11)');
  await world.shot(page, 'explained');
  await seen.context.close();
});

test('10: Diagnose finds settings that work and gives the YAML; settings of one’s own are tried', async () => {
  const seen = await open('noprefix', `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`);
  const { page } = seen;
  await page.getByTestId('explanation').getByRole('link', { name: 'Look for settings that work' }).click();
  await page.getByTestId('proposal').first().waitFor();
  expect(new URL(page.url()).searchParams.get('diagnose')).toBe('true');
  expect(await page.getByTestId('proposal').count()).toBe(1);
  const yaml = (await page.getByTestId('yaml').textContent()) ?? '';
  expect(yaml).toMatch(/in_cluster_url: "http:\/\/127\.0\.0\.1:\d+\/jaeger"\n\s+use_grpc: false/);
  await page.getByTestId('proposal').getByTestId('copy').click();
  await expect.poll(() => copied(seen)).toBe(yaml);
  expect(await page.getByTestId('try').count()).toBeGreaterThan(3);
  expect(await page.getByTestId('try').filter({ hasText: 'the path prefix is wrong' }).count()).toBe(1);
  await world.shot(page, 'diagnosed');

  const url = /"(http[^"]+)"/.exec(yaml)?.[1] ?? '';
  const field = page.getByLabel('URL of the trace store');
  await field.fill(url.replace('/jaeger', '/wrong'));
  await field.press('Enter');
  await expect.poll(() => page.getByTestId('checked').innerText()).toContain('the path prefix is wrong');
  expect(await page.getByTestId('checked').getByTestId('proposal').count()).toBe(0);
  await field.fill(url);
  await field.press('Enter');
  await expect.poll(() => page.getByTestId('checked').innerText()).toContain('These settings work');
  await page.goBack();
  await page.getByTestId('failure').waitFor();
  await seen.context.close();
});

test('10: where nothing works, Diagnose says so; on the status page it begins when it is asked to', async () => {
  const seen = await open('down', '/status');
  const { page } = seen;
  await page.getByTestId('component-tracing').waitFor();
  await page.getByTestId('diagnose-now').waitFor();
  expect(seen.requests.some((one) => one.startsWith('api/tracing/diagnose'))).toBe(false);
  await page.getByTestId('diagnose-now').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('diagnosis').waitFor();
  expect(await page.getByTestId('diagnosis').innerText()).toContain('None of these settings works');
  expect(await page.getByTestId('proposal').count()).toBe(0);
  expect(await page.getByTestId('try').first().innerText()).toContain('connection refused');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test.each(['workloads/details-v1', 'applications/details', 'services/details'])('18: an empty Traces tab says why, as far as that is known: %s', async (of) => {
  const seen = await open('full', `/namespaces/bookinfo/${of}?tab=traces&${kNothing}`);
  const { page } = seen;
  await page.getByTestId('empty').waitFor();
  await page.getByTestId('why').waitFor();
  expect(await page.getByTestId('why').innerText()).toContain('has no trace of this');
  expect(await page.getByTestId('explanation').innerText()).toContain('possible');
  await page.getByRole('button', { name: 'What was looked at' }).click();
  await expect.poll(() => page.getByTestId('explanation').innerText()).toContain('details.bookinfo (0 traces, 0 of the workload)');
  expect(seen.requests.filter((one) => one.startsWith('api/tracing/explain')).length).toBe(1);
  expect(seen.requests.find((one) => one.startsWith('api/tracing/explain'))).toContain('startMicros=1000000000000000');
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('18: a reason that cannot be found out leaves the panel as it is', async () => {
  const seen = await open('full', '/overview');
  await seen.page.route('**/api/tracing/explain?**', (route) => route.fulfill({ status: 503, json: { error: 'too many ask', code: 'busy', requestId: 'x' } }));
  await seen.page.goto(world.url('full', `/namespaces/bookinfo/workloads/details-v1?tab=traces&${kNothing}`));
  await expect.poll(() => seen.page.getByTestId('explanation').innerText()).toContain('The reason could not be found out: too many ask');
  expect(await seen.page.getByTestId('empty').innerText()).toContain('No traces');
  await seen.context.close();
});

test('18: a search that finds nothing says why, of a workload that the service may be; another one can be asked about', async () => {
  const seen = await open('full', `/traces?service=details.bookinfo&${kNothing}`);
  const { page } = seen;
  const asked = () => seen.requests.filter((one) => one.startsWith('api/tracing/explain')).map((one) => new URL(one, 'http://x').searchParams.get('workload'));
  await page.getByTestId('why').waitFor();
  expect(await page.getByTestId('empty').innerText()).toContain('of details.bookinfo');
  expect(await page.getByTestId('why').innerText()).toContain('has no trace of this');
  expect(asked()).toEqual(['details-v1']);
  expect(await page.getByTestId('explanation').getByRole('link', { name: 'Look for settings that work' }).getAttribute('href')).toContain('diagnose=true');
  await page.goto(world.url('full', `/traces?${kNothing}`));
  await page.getByTestId('why').waitFor();
  await page.getByRole('button', { name: /^Asked about: / }).click();
  await page.getByRole('option', { name: 'bookinfo/ratings-v1' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('why')).toBe('bookinfo/ratings-v1');
  await expect.poll(() => asked().at(-1)).toBe('ratings-v1');
  await atRest(page); // the reason is of that one now
  await page.getByTestId('why').waitFor();
  expect(seen.complaints).toEqual([]);
  await seen.context.close();
});

test('10: a search that fails says which setting to change', async () => {
  const seen = await open('noprefix', `/traces?${world.range()}`);
  await seen.page.getByTestId('failure').waitFor();
  await seen.page.getByTestId('why').waitFor();
  expect(await seen.page.getByTestId('why').getAttribute('data-code')).toBe('path_prefix_missing');
  expect(await seen.page.getByTestId('explained-value').innerText()).toMatch(/\/jaeger$/);
  await world.shot(seen.page, 'search-explained');
  await seen.context.close();
});
