import type { Page } from 'playwright-core';
import type { TraceForensics } from '@/api/schema.gen';
import type { Consoles, World } from './world';

export const forensicsOf = async (world: World, page: Page, console: Consoles, traceId: string): Promise<TraceForensics> =>
  (await page.request.get(`${world.told.consoles[console]}/api/traces/${traceId}/forensics`)).json();

// A trace of hosts whose clocks are apart, and that is whole: of a young one spans still come, and each is a sample.
export async function traceOfClocks(world: World, page: Page): Promise<string> {
  for (let again = 0; again < 30; again += 1) {
    const { data } = await (await page.request.get(`${world.told.consoles.skewed}/api/namespaces/bookinfo/apps/productpage/traces?limit=100`)).json();
    for (const { traceID } of data as Array<{ traceID: string }>) {
      const { clocks, young } = await forensicsOf(world, page, 'skewed', traceID);
      if (clocks.length > 0 && !young) return traceID;
    }
    await page.waitForTimeout(1000);
  }
  throw new Error('no trace tells that clocks are apart');
}
