import type { UseQueryResult } from '@tanstack/react-query';
import { momentOf, rangeKey, windowOf, type TimeRange, type Window } from '@/lib/range';
import { stepFor } from '@/lib/metrics';
import { apiUrl, getJson, send, type Parameters } from './client';
import { useLive } from './live';
import type { Meta, NamespaceMetrics, OverviewApps, OverviewLatencies, OverviewRates, OverviewThroughput } from './schema.gen';

const kFamilies = ['request_count', 'request_error_count', 'request_duration_millis'] as const;

const asked = (range: TimeRange, namespaces: readonly string[]): Parameters => ({ namespaces: namespaces.join(','), ...momentOf(range) });

const useList = <T,>(what: string, range: TimeRange, namespaces: readonly string[], enabled: boolean): UseQueryResult<T> =>
  useLive(['overview', what, rangeKey(range), namespaces], (signal) => getJson<T>(`api/overview/metrics/${what}`, asked(range, namespaces), signal), { enabled });

export const useAppRates = (range: TimeRange, namespaces: readonly string[], enabled: boolean): UseQueryResult<OverviewApps> =>
  useList('apps/rates', range, namespaces, enabled);
export const useServiceRates = (range: TimeRange, namespaces: readonly string[], enabled: boolean): UseQueryResult<OverviewRates> =>
  useList('services/rates', range, namespaces, enabled);
export const useServiceLatency = (range: TimeRange, namespaces: readonly string[], enabled: boolean): UseQueryResult<OverviewLatencies> =>
  useList('services/latency', range, namespaces, enabled);
export const useServiceThroughput = (range: TimeRange, namespaces: readonly string[], enabled: boolean): UseQueryResult<OverviewThroughput> =>
  useList('services/throughput', range, namespaces, enabled);

export type Traffic = { metrics: NamespaceMetrics; window: Window; meta: Meta | undefined };

// Requests, failed ones and the 95th percentile of namespaces over the range, as callers tell them: what never reached whom it was for counts too.
export function useNamespaceTraffic(range: TimeRange, namespaces: readonly string[], scrape: number, enabled: boolean): UseQueryResult<Traffic> {
  return useLive(
    ['overview', 'traffic', rangeKey(range), namespaces],
    async (signal) => {
      const window = windowOf(range, Date.now());
      const duration = Math.max(1, Math.round((window.endMicros - window.startMicros) / 1e6));
      const step = stepFor(duration, scrape);
      const url = new URL(
        apiUrl('api/clusters/metrics', {
          namespaces: namespaces.join(','),
          direction: 'inbound',
          reporter: 'source,waypoint',
          duration,
          queryTime: Math.floor(window.endMicros / 1e6),
          step,
          rateInterval: `${step}s`,
          avg: false,
        }),
      );
      url.searchParams.append('quantiles[]', '0.95');
      for (const family of kFamilies) url.searchParams.append('filters[]', family);
      const response = await send(url.href, { signal, headers: { Accept: 'application/json' } });
      const header = response.headers.get('Meshscope-Meta');
      return { metrics: (await response.json()) as NamespaceMetrics, window, meta: header === null ? undefined : (JSON.parse(header) as Meta) };
    },
    { enabled },
  );
}
