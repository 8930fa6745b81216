import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full');
});
afterAll(async () => world.stop());

const tab = (more = '') => `/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}${more}`;

test('21: bubbles are as large as their traces have spans: A 10 px, B 8 px, F 30 px and no larger', async () => {
  const { page, context } = await world.open('full', '/overview');
  await page.route('**/details-v1/traces?*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const start = world.told.now - 600e6;
    // Far enough from each other to be measured.
    const moved = await Promise.all(
      [known.A, known.B, known.F].map(async (id, at) => {
        const trace = (await (await page.request.get(`${world.told.consoles.full}/api/traces/${id}`)).json()).data;
        const first = Math.min(...trace.spans.map((span: { startTime: number }) => span.startTime));
        for (const span of trace.spans) {
          span.startTime += start + (at + 1) * 150e6 - first;
          span.duration = 5000;
        }
        return trace;
      }),
    );
    await route.fulfill({ response: answer, json: { ...body, data: moved } });
  });
  await page.goto(world.url('full', tab()));
  await page.getByTestId('trace-row').first().waitFor();
  // How wide what is blue is, where it stands on its own, from left to right; a pixel that is covered by half counts.
  const widths = () =>
    page.getByTestId('scatter').locator('canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data, width } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [], width: 0 };
      const blue = (x: number) => {
        for (let at = 4 * x; at < data.length; at += 4 * width) if ((data[at + 2] ?? 0) > (data[at] ?? 0) + 40 && (data[at + 3] ?? 0) > 127) return true;
        return false;
      };
      const found: number[] = [];
      let from = -1;
      for (let x = 0; x <= width; x += 1) {
        if (x < width && blue(x)) from = from < 0 ? x : from;
        else if (from >= 0) {
          found.push(((x - from) * canvas.clientWidth) / width);
          from = -1;
        }
      }
      return found;
    });
  await expect.poll(async () => (await widths()).length).toBe(3);
  // A line of 1 px goes around each.
  expect((await widths()).map((width) => Math.round((width - 1) / 2))).toEqual([10, 8, 30]);
  await context.close();
});

test('22: D is an error and C, which is only slow, is none; the legend hides one series by a click and by a key', async () => {
  const { page, context } = await world.open('full', tab('&sort=errors:desc'));
  await page.getByTestId('trace-row').first().waitFor();
  const rows = page.getByTestId('trace-row');
  expect(await rows.nth(0).getAttribute('data-trace')).toBe(known.D);
  expect(await rows.nth(1).locator('.ms-bad-text').count()).toBe(0);
  const bad = page.getByTestId('legend-bad');
  const red = () =>
    page.getByTestId('scatter').locator('canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 0) > 180 && (data[at + 1] ?? 0) < 120 && (data[at + 2] ?? 0) < 120) count += 1;
      return count;
    });
  const blue = () => page.getByTestId('scatter').locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if ((data[at + 2] ?? 0) > (data[at] ?? 0) + 40) count += 1;
    return count;
  });
  await expect.poll(red).toBeGreaterThan(10);
  const others = await blue();
  expect(others).toBeGreaterThan(1000);
  await bad.click();
  await expect.poll(red).toBe(0);
  expect(await blue()).toBeGreaterThanOrEqual(others); // only that series
  expect(new URL(page.url()).searchParams.get('hide')).toBe('bad');
  await page.reload();
  await page.getByTestId('trace-row').first().waitFor();
  await expect.poll(red).toBe(0);
  await bad.focus();
  await page.keyboard.press('Enter');
  await expect.poll(red).toBeGreaterThan(10);
  expect(await bad.getAttribute('aria-pressed')).toBe('true');
  await context.close();
});
