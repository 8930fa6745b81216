import { useMeasured } from '@/api/heatmaps';
import { useConfig } from '@/api/queries';
import { useAppRates, useNamespaceTraffic } from '@/api/overview';
import type { HealthWord, Metrics } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';

const kScrape = 15; // seconds, where the server does not say

// What is measured of these namespaces, of all without any: their traffic over the range, and how their applications are.
export function useTraffic(namespaces: readonly string[]) {
  const [range] = useTimeRange();
  const measured = useMeasured();
  const scrape = useConfig().data?.prometheus.globalScrapeInterval ?? kScrape;
  const traffic = useNamespaceTraffic(range, namespaces, scrape, measured);
  const apps = useAppRates(range, namespaces, measured);
  return {
    measured,
    traffic,
    apps,
    metricsOf: (namespace: string): Metrics | undefined => traffic.data?.metrics[namespace],
    healthOf: (namespace: string): HealthWord[] | undefined => apps.data?.apps.filter((one) => one.namespace === namespace).map((one) => one.healthStatus),
  };
}
