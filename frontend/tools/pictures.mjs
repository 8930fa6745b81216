// Looks at the pages that `docs/` shows, of a running demo, and takes the pictures: `node frontend/tools/pictures.mjs [ADDRESS [FOLDER]]`
// (http://localhost:20001, docs/pictures). Ends with 1 when a browser complained of a page or a page had not what its picture is of.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [address = 'http://localhost:20001', folder = fileURLToPath(new URL('../../docs/pictures', import.meta.url))] = process.argv.slice(2);
const workload = '/namespaces/bookinfo/workloads/reviews-v3';

const ask = async (path) => (await fetch(`${address}/api/${path}`)).json();
const complaints = [];
let failed = 0;

async function picture(browser, name, path, look, { theme = 'light', height = 900, kept = true } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height }, locale: 'en-US', colorScheme: theme });
  await context.addInitScript((settings) => localStorage.setItem('meshscope.settings', settings), JSON.stringify({ language: 'en', theme, utc: true, refresh: 0 }));
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
  try {
    await page.goto(`${address}/console${path}`);
    await look(page);
    await page.waitForLoadState('networkidle');
    if (kept) await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(`${name}: ${page.url().replace(address, '')}`);
  } catch (error) {
    failed += 1;
    console.log(`${name}: ${error.message}`);
  }
  await context.close();
}

// The slowest trace of the last ten minutes that went through a workload of bookinfo.
async function slowest(name) {
  const end = Date.now() * 1000;
  const { data } = await ask(`namespaces/bookinfo/workloads/${name}/traces?limit=200&startMicros=${end - 600_000_000}&endMicros=${end}`);
  const took = (trace) => Math.max(...trace.spans.map((one) => one.startTime + one.duration)) - Math.min(...trace.spans.map((one) => one.startTime));
  return data.reduce((most, one) => (took(one) > took(most) ? one : most)).traceID;
}

const shown = (id) => (page) => page.getByTestId(id).first().waitFor();

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const [slow, ofReviews] = [await slowest('productpage-v1'), await slowest('reviews-v3')];
await picture(browser, 'overview', '/overview', shown('namespace-card'));
await picture(browser, 'workload', workload, shown('health'));
await picture(browser, 'traces', `${workload}?tab=traces&rangeDuration=600`, shown('trace-row'), { theme: 'dark' });
await picture(browser, 'similar', `${workload}?tab=traces&rangeDuration=600&traceId=${ofReviews}`, shown('heatmap'), { height: 1300 });
await picture(browser, 'trace', `/traces/${slow}`, async (page) => {
  await page.getByTestId('heatmap').first().waitFor();
  await page.getByTestId('span-row').first().waitFor();
}, { height: 1000 });
await picture(browser, 'search', '/traces?service=productpage.bookinfo&rangeDuration=600', shown('trace-row'));
await picture(browser, 'graph', `/graph?namespaces=bookinfo&rangeDuration=600&traceId=${slow}`, shown('hop'));
await picture(browser, 'logs', `${workload}?tab=logs&rangeDuration=600`, shown('log-row'));
await picture(browser, 'metrics', `${workload}?tab=in_metrics&rangeDuration=600&spans=true`, shown('metric-chart'));
await picture(browser, 'about', '/overview', async (page) => {
  await page.getByTestId('help').click();
  await page.getByRole('menuitem', { name: 'About' }).click();
  await page.getByTestId('about-Jaeger').waitFor();
}, { kept: false });
await picture(browser, 'status', '/status', shown('component-tracing'));
await browser.close();
for (const one of complaints) console.log(`the browser complained: ${one}`);
if (complaints.length > 0 || failed > 0) process.exit(1);
