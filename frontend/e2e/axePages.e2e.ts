import type { Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { traceOfClocks } from './clocks';
import { expectNone, type Pages } from './wcag';
import { known, World } from './world';

let world: World;
let metered: World;
beforeAll(async () => {
  world = await World.of('full', 'noprefix', 'off', 'skewed');
  metered = await World.metered();
});
afterAll(async () => {
  await world.stop();
  await metered.stop();
});

const kEmptyRange = 'from=1000000000000&to=1000000060000';
const kThemes = ['light', 'dark'] as const;
const of = (kind: string, name: string, more = '') => `/namespaces/bookinfo/${kind}/${name}?${world.range()}${more}`;
const chosenSpan = async (page: Page) => {
  await page.getByTestId('span-row').last().click();
  await page.getByTestId('span-panel').getByRole('grid', { name: 'Process' }).waitFor();
};

test.each(kThemes)('68: no serious violation on lists, traces of all kinds of objects and where metrics are off, %s', async (theme) => {
  const pages: Pages = {
    '/applications': 'object-row',
    '/services': 'object-row',
    [of('services', 'reviews', '&tab=traces')]: 'trace-row',
    [of('applications', 'reviews', '&tab=traces&hide=good&axis=spans&sort=errors:desc')]: 'trace-row',
    [`/traces/${known.A}?folded=all&find=reviews&parts=process`]: chosenSpan,
    '/graph': 'empty',
    [of('workloads', 'details-v1', '&tab=in_metrics')]: 'empty',
    [of('workloads', 'details-v1', '&tab=traffic')]: 'empty',
    [`/traces/${known.A}?view=graph`]: 'empty',
  };
  await expectNone(world, 'full', theme, pages);
});

test.each(kThemes)('68: nor where what was looked at is told, and where there are no traces at all, %s', async (theme) => {
  const pages: Pages = {
    [of('workloads', 'details-v1', '&tab=traces&steps=true')]: 'explained-steps',
    [`/traces?steps=true&${world.range()}`]: 'explained-steps',
  };
  await expectNone(world, 'noprefix', theme, pages);
  await expectNone(world, 'off', theme, { '/traces': 'empty', [of('workloads', 'details-v1')]: 'health' });
});

test.each(kThemes)('46, 68: nor where clocks are apart, and where they are put on one clock, %s', async (theme) => {
  const { page, context } = await world.open('skewed', '/overview');
  const traceId = await traceOfClocks(world, page);
  await context.close();
  const pages: Pages = {
    [`/traces/${traceId}?missing=true`]: 'clock-row',
    [`/traces/${traceId}?missing=true&clocks=one`]: async (shown) => {
      await shown.getByTestId('one-clock-note').waitFor();
      await shown.getByTestId('span-row').last().click();
      await shown.getByTestId('span-panel').waitFor();
    },
  };
  await expectNone(world, 'skewed', theme, pages);
});

test.each(kThemes)('68: nor on lists and details with metrics, their charts and tables, %s', async (theme) => {
  const pages: Pages = {
    [`/applications?${world.range()}&health=Healthy`]: 'object-row',
    [`/services?${world.range()}&sort=failed:desc`]: 'object-row',
    [of('workloads', 'details-v1')]: 'health',
    [of('applications', 'reviews')]: 'health',
    [of('services', 'reviews')]: 'health',
    [of('applications', 'reviews', '&tab=traffic')]: 'traffic-source',
    [of('services', 'reviews', `&tab=traffic&traceId=${known.A}`)]: 'hop',
    [of('workloads', 'details-v1', `&tab=logs&follow=true&regex=true&without=(&mark=${known.G}`)]: 'log-row',
    [of('workloads', 'details-v1', '&tab=in_metrics&spans=true&expand=Request%20duration&tables=spans,Request%20duration&trendlines=true')]: 'span-point',
    [of('workloads', 'details-v1', '&tab=out_metrics&reporter=both&quantiles=0.95&by=response_code')]: 'metrics-tab',
    [of('applications', 'reviews', '&tab=out_metrics&tables=Request%20volume')]: 'metric-canvas',
    [of('services', 'reviews', '&tab=in_metrics')]: 'metric-canvas',
  };
  await expectNone(metered, 'metered', theme, pages);
});

test.each(kThemes)('68: nor on traces beside metrics and on the graph, %s', async (theme) => {
  const graph = `/graph?namespaces=bookinfo,istio-system&graphType=workload&${world.range()}`;
  const pages: Pages = {
    [`/traces?${world.range()}&traceId=${known.A}&compare=${known.B}`]: 'selected-trace',
    [of('workloads', 'details-v1', `&tab=traces&traceId=${known.A}&tables=heat,similar&percentile=0.5`)]: 'similar-table',
    [`/traces/${known.A}?view=table`]: 'heat-mini',
    [`/traces/${known.A}?view=logs`]: 'log-row',
    [`/traces/${known.A}?tables=heat,spanHeat&heatScale=relative&parts=process`]: async (page) => {
      await chosenSpan(page);
      await page.getByTestId('span-heatmap').getByTestId('heat-table').waitFor();
    },
    [`${graph}&tables=graph&edges=responseTime&idle=true`]: 'graph-nodes',
    [`${graph}&graphTab=traces`]: async (page) => {
      await page.locator('[data-testid=graph-node][data-name=reviews-v2]').click();
      await page.getByTestId('graph-traces').getByRole('button').first().waitFor();
    },
    [`${graph}&injectServiceNodes=true`]: async (page) => {
      await page.getByTestId('graph-edge').first().focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('graph-side').waitFor();
    },
    [`/graph?namespaces=default&${world.range()}`]: 'empty',
    [`/graph?namespaces=bookinfo&${kEmptyRange}`]: 'failure',
  };
  await expectNone(metered, 'metered', theme, pages);
});
