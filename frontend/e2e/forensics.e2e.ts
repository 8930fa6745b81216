import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TraceForensics } from '@/api/schema.gen';
import { formatDuration } from '@/lib/duration';
import { forensicsOf, traceOfClocks } from './clocks';
import { known, World, type Seen } from './world';
import { seriousOn } from './wcag';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'skewed');
});
afterAll(async () => world.stop());

type Clock = TraceForensics['clocks'][number];
type Facts = { spanID: string; kind: string; pair: { spanID: string } | null };

const told = ({ page }: Seen, console: 'full' | 'skewed', traceId: string) => forensicsOf(world, page, console, traceId);
const kinds: Record<string, string> = { missing_parent: 'A parent that is not there', missing_root: 'The beginning', hidden_parent: 'A parent that you may not see' };

test('44: what is missing in E, why, and the spans that hang in the air; nothing is in A', async () => {
  const seen = await world.open('full', `/traces/${known.E}`);
  const { page, context, complaints } = seen;
  const { gaps } = await told(seen, 'full', known.E);
  expect(gaps.length).toBeGreaterThan(0);
  const panel = page.getByTestId('forensics');
  const spans = gaps.reduce((sum, gap) => sum + gap.count, 0);
  const toggle = panel.getByRole('button', { name: `What is missing, and clocks: Missing: ${gaps.length}, spans in the air: ${spans}` });
  await toggle.focus();
  await page.keyboard.press('Enter');
  const rows = panel.getByTestId('gap-row');
  await expect.poll(() => rows.count()).toBe(gaps.length);
  expect(new URL(page.url()).searchParams.get('missing')).toBe('true');
  for (const [at, gap] of gaps.entries()) {
    const text = await rows.nth(at).innerText();
    for (const part of [kinds[gap.kind] ?? '', gap.evidence, gap.spans[0] ?? '']) expect(text).toContain(part);
    expect(await rows.nth(at).getAttribute('data-cause')).toBe(gap.cause);
  }
  await world.shot(page, 'forensics');
  await rows.first().getByRole('button').first().click();
  await page.getByTestId('span-panel').waitFor();
  expect(new URL(page.url()).searchParams.get('spanId')).toBe(gaps[0]?.spans[0]);
  await page.reload();
  await expect.poll(() => rows.count()).toBe(gaps.length);
  await page.goto(world.url('full', `/traces/${known.A}`));
  expect(await page.getByTestId('gaps-none').innerText()).toContain('Nothing is missing');
  expect(await page.getByTestId('gap-row').count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
});

test('46: hosts whose clocks are apart: by how much, between which bounds, from how many calls; on demand as one clock would have it', async () => {
  const seen = await world.open('skewed', '/overview');
  const { page, context } = seen;
  const traceId = await traceOfClocks(world, page);
  const { clocks } = await told(seen, 'skewed', traceId);
  await page.goto(world.url('skewed', `/traces/${traceId}?missing=true`));
  const rows = page.getByTestId('clock-row');
  await expect.poll(() => rows.count()).toBe(clocks.length);
  const [first] = clocks as [Clock];
  expect(Math.abs(first.offset)).toBeGreaterThan(170_000);
  const cells = await rows.first().locator('td').allInnerTexts();
  expect(cells.slice(0, 3)).toEqual([first.from, first.to, `${formatDuration(Math.abs(first.offset))} ${first.offset > 0 ? 'ahead' : 'behind'}`]);
  expect(cells[5]).toBe(String(first.samples));
  await world.shot(page, 'clocks');
  // One clock for all: a server is inside of its caller then, and the download stays as it was recorded.
  const { spans } = (await (await page.request.get(`${world.told.consoles.skewed}/api/traces/${traceId}/spans`)).json()) as { spans: Facts[] };
  const hosts = new Map((await told(seen, 'skewed', traceId)).hosts.flatMap((host) => host.spans.map((spanId) => [spanId, host.name])));
  const apart = spans.find((span) => {
    const other = span.kind === 'server' && span.pair ? hosts.get(span.pair.spanID) : undefined;
    return [first.from, first.to].sort().join() === [hosts.get(span.spanID), other].sort().join();
  }) as Facts;
  const bar = async (id: string) => {
    const box = await page.locator(`[data-span="${id}"]`).getByTestId('bar').boundingBox();
    return { left: box?.x ?? 0, right: (box?.x ?? 0) + (box?.width ?? 0) };
  };
  const inside = async () => {
    const [server, client] = [await bar(apart.spanID), await bar(apart.pair?.spanID ?? '')];
    return client.left <= server.left + 2 && server.right <= client.right + 2;
  };
  await page.getByTestId('waterfall').scrollIntoViewIfNeeded();
  expect(await inside()).toBe(false);
  await page.getByRole('checkbox', { name: 'Show the waterfall as one clock would have timed it' }).click();
  await expect.poll(inside).toBe(true);
  expect(new URL(page.url()).searchParams.get('clocks')).toBe('one');
  await world.shot(page, 'one-clock');
  expect(await seriousOn(page)).toEqual([]);
  await page.getByTestId('one-clock-note').getByRole('button', { name: 'As it was recorded' }).click();
  await expect.poll(inside).toBe(false);
  await context.close();
});

test('a trace that ended a moment ago is waited for, and what came is shown; a failure is told and asked again', async () => {
  const { page, context } = await world.open('full', '/overview');
  const meta = { asked: 1, used: null, returned: 1, scanned: 1, dropped: [], stoppedBy: 'complete', covered: null, order: '', ageMs: 0, upstream: [], warnings: [] };
  const answer = { traceID: known.A, reads: 1, arrived: 0, young: true, gaps: [], clocks: [], hosts: [], meta };
  let release = () => {};
  const arrived = new Promise<void>((resolve) => {
    release = resolve;
  });
  let broken = true;
  await page.route(/\/forensics(\?|$)/, async (route) => {
    if (broken) return route.fulfill({ status: 503, json: { error: 'away', code: 'upstream_unreachable', requestId: 'x', upstream: 'jaeger' } });
    if (!route.request().url().includes('waitMs=10000')) return route.fulfill({ json: { ...answer, spans: 8 } });
    await arrived;
    return route.fulfill({ json: { ...answer, spans: 10, arrived: 2, reads: 3, young: false } });
  });
  let rowsAsked = 0;
  page.on('request', (request) => {
    if (request.url().includes(`${known.A}/spans`)) rowsAsked += 1;
  });
  await page.goto(world.url('full', `/traces/${known.A}`));
  const coming = page.getByTestId('gaps-coming');
  await expect.poll(() => coming.innerText()).toContain('Could not find out what is missing: away');
  expect(await page.getByTestId('span-row').count()).toBeGreaterThan(0); // the rest stands
  broken = false;
  await coming.getByRole('button', { name: 'Retry' }).click();
  await page.getByTestId('gaps-waiting').waitFor();
  expect(rowsAsked).toBe(1);
  release();
  await expect.poll(() => page.getByTestId('gaps-came').innerText()).toBe('Spans that came since: 2');
  await expect.poll(() => rowsAsked).toBe(2);
  await context.close();
});
