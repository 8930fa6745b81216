import { afterAll, beforeAll, test } from 'vitest';
import { expectNone, type Pages } from './wcag';
import { known, World } from './world';

let world: World;
beforeAll(async () => {
  world = await World.of('full', 'noprefix');
});
afterAll(async () => world.stop());

test.each(['light', 'dark'])('14, 68: no violation of WCAG 2.1 AA that a program finds, %s', async (theme) => {
  const pages: Pages = {
    '/overview': 'namespace-card',
    [`/traces?${world.range()}`]: 'trace-row',
    '/workloads': 'object-row',
    '/status': 'component-tracing',
    '/namespaces/bookinfo/workloads/details-v1?tab=traces&from=1000000000000&to=1000000060000': 'why',
    [`/traces/${known.D}?only=error:with`]: 'span-filters',
    [`/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}&traceId=${known.A}`]: 'span-row',
    [`/traces/${known.D}?critical=true`]: async (page) => {
      await page.getByTestId('critical').first().waitFor();
      await page.getByTestId('span-row').last().click();
      await page.getByTestId('flag').first().waitFor();
    },
    [`/traces/${known.A}?similar=true`]: 'similar',
  };
  await expectNone(world, 'full', theme, pages);
});

test.each(['light', 'dark'])('68: nor where reasons and settings are told, %s', async (theme) => {
  const pages = { [`/namespaces/bookinfo/workloads/details-v1?tab=traces&${world.range()}`]: 'why', '/status?diagnose=true': 'proposal' };
  await expectNone(world, 'noprefix', theme, pages);
});

test.each(['light', 'dark'])('68: nor on pages with metrics, %s', async (theme) => {
  const metered = await World.metered();
  const of = '/namespaces/bookinfo/workloads/details-v1?tab=';
  try {
    const pages = {
      [`/overview?${metered.range()}`]: 'traffic',
      [`/workloads?${metered.range()}`]: 'object-row',
      [`/traces?from=1000000000000&to=1000000060000`]: 'why',
      [`${of}logs&${metered.range()}`]: 'log-row',
      [`${of}traces&${metered.range()}&traceId=${known.A}`]: 'similar',
      [`${of}in_metrics&spans=true&${metered.range()}`]: 'metric-canvas',
      [`/graph?namespaces=bookinfo,istio-system&boxBy=namespace,app&legend=true&find=reviews&hide=travels&hop=2&traceId=${known.D}&${metered.range()}`]: 'hop',
      [`/traces/${known.A}?view=statistics`]: 'heatmap',
      [`/traces/${known.D}?view=graph&hop=2`]: 'hop',
      [`/namespaces/bookinfo/workloads/reviews-v2?tab=traffic&reconcile=true&${metered.range()}`]: 'reconciled',
      [`/traces/compare?a=${known.A}&b=${known.B}`]: 'compared',
    };
    await expectNone(metered, 'metered', theme, pages);
  } finally {
    await metered.stop();
  }
});
