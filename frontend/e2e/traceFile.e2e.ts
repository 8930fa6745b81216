import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, parameter, World, type Seen } from './world';
import { seriousOn } from './wcag';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

const rows = ({ page }: Seen) => page.getByTestId('span-row').evaluateAll((all) => all.map((one) => `${one.getAttribute('data-span')} ${one.getAttribute('aria-level')}`));
const file = (name: string, text: string) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

test('51: the download of A, read back: as many spans, as long, in the same order; nobody is asked for it', async () => {
  const seen = await world.open('full', `/traces/${known.A}`);
  const { page, context, complaints } = seen;
  await page.getByTestId('span-row').first().waitFor();
  const before = await rows(seen);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  const path = await (await coming).path();
  await page.goto(world.url('full', '/traces'));
  await page.getByRole('link', { name: 'Open a trace from a file' }).click();
  await expect.poll(() => page.getByTestId('empty').innerText()).toContain('No file is open');
  expect(await seriousOn(page)).toEqual([]);
  seen.requests.length = 0;
  await page.getByTestId('trace-file').setInputFiles(path);
  await expect.poll(() => page.getByTestId('span-count').innerText()).toBe('8 Spans');
  expect(await page.getByTestId('duration').innerText()).toBe('42ms');
  expect(await rows(seen)).toEqual(before);
  await world.shot(page, 'trace-file');
  await page.getByTestId('span-row').last().click();
  const panel = page.getByTestId('span-panel');
  await panel.getByRole('grid', { name: 'Tags' }).waitFor();
  expect(await panel.innerText()).toMatch(/(GET|POST) .*ratings/);
  expect(await panel.getByRole('link', { name: 'View in Tracing' }).count()).toBe(0);
  expect(await seriousOn(page)).toEqual([]);
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  await expect.poll(() => page.getByTestId('span-table-row').count()).toBe(8);
  expect(parameter(seen, 'view')).toBe('table');
  await page.goBack();
  await page.goBack();
  await expect.poll(() => parameter(seen, 'spanId')).toBeNull();
  await expect.poll(() => page.getByTestId('span-row').count()).toBe(8);
  expect(seen.requests.filter((one) => one.includes(known.A))).toEqual([]);
  await page.getByRole('link', { name: 'Look for it in the backend' }).click();
  await page.getByTestId('forensics').waitFor();
  expect(new URL(page.url()).pathname).toContain(`/traces/${known.A}`);
  expect(complaints).toEqual([]);
  await context.close();
});

test('51: several traces in a file, one that is no trace, and what a reload leaves', async () => {
  const seen = await world.open('full', '/traces/file');
  const { page, context } = seen;
  const of = async (traceId: string) => (await (await page.request.get(`${world.told.consoles.full}/api/traces/${traceId}`)).json()).data;
  const field = page.getByTestId('trace-file');
  await field.setInputFiles(file('broken.json', '{'));
  await expect.poll(() => page.getByTestId('file-wrong').innerText()).toMatch(/Could not read broken\.json[^]*It is no JSON/);
  await field.setInputFiles(file('other.json', '{"data":[]}'));
  await expect.poll(() => page.getByTestId('file-wrong').innerText()).toMatch(/other\.json[^]*There is no trace in it/);
  await field.setInputFiles(file('two.json', JSON.stringify({ data: [await of(known.B), await of(known.D)] })));
  await expect.poll(() => page.getByTestId('span-count').innerText()).toBe('6 Spans');
  await page.getByRole('button', { name: /^Trace: / }).click();
  await page.getByRole('option').nth(1).click();
  await expect.poll(() => page.getByTestId('errors').innerText()).toMatch(/^[1-9]/);
  expect(parameter(seen, 'traceId')).toBe(known.D);
  const failed = page.locator('[data-testid=span-row]:has(.ms-bad-text)');
  const { spans } = await (await page.request.get(`${world.told.consoles.full}/api/traces/${known.D}/spans`)).json();
  expect(await failed.count()).toBe(spans.filter((span: { error: unknown }) => span.error).length);
  await page.goBack();
  await expect.poll(() => page.getByTestId('span-count').innerText()).toBe('6 Spans');
  await page.reload();
  expect(await page.getByTestId('empty').innerText()).toContain('a reload forgets it');
  await context.close();
});
