import type { UseQueryResult } from '@tanstack/react-query';
import { rangeKey, windowOf, type TimeRange, type Window } from '@/lib/range';
import { apiKind, type Kind } from '@/lib/urls';
import { joinReporters, stepFor, type Reporter, type ReportedDashboard } from '@/lib/metrics';
import { apiUrl, send } from './client';
import { useLive, useOnce } from './live';
import type { Dashboard, MetricStats, SpanOverlay } from './schema.gen';

export type MetricQuestion = {
  direction: 'inbound' | 'outbound';
  reporter: Reporter | 'both';
  avg: boolean;
  quantiles: readonly string[];
  byLabels: readonly string[];
};

const pathOf = (kind: Kind, namespace: string, name: string, what: string): string =>
  `api/namespaces/${encodeURIComponent(namespace)}/${apiKind(kind)}/${encodeURIComponent(name)}/${what}`;

export function useDashboard(
  kind: Kind,
  namespace: string,
  name: string,
  range: TimeRange,
  question: MetricQuestion,
  scrape: number,
  enabled: boolean,
): UseQueryResult<{ answer: ReportedDashboard; window: Window }> {
  return useLive(
    ['dashboard', kind, namespace, name, rangeKey(range), question],
    async (signal) => {
      const window = windowOf(range, Date.now());
      const duration = Math.max(1, Math.round((window.endMicros - window.startMicros) / 1e6));
      const step = stepFor(duration, scrape);
      const ask = async (reporter: Reporter): Promise<Dashboard> => {
        const url = new URL(
          apiUrl(pathOf(kind, namespace, name, 'dashboard'), {
            direction: question.direction,
            reporter,
            duration,
            queryTime: Math.round(window.endMicros / 1e6),
            step,
            rateInterval: `${step}s`,
            avg: question.avg,
          }),
        );
        for (const value of question.quantiles) url.searchParams.append('quantiles[]', value);
        for (const label of question.byLabels) url.searchParams.append('byLabels[]', label);
        const response = await send(url.href, { signal, headers: { Accept: 'application/json' } });
        return (await response.json()) as Dashboard;
      };
      if (question.reporter !== 'both') return { answer: await ask(question.reporter), window };
      const [source, destination] = await Promise.all([ask('source'), ask('destination')]);
      return { answer: joinReporters(source, destination), window };
    },
    { enabled },
  );
}

export function useOverlay(kind: Kind, namespace: string, name: string, range: TimeRange, limit: number, enabled: boolean): UseQueryResult<SpanOverlay> {
  return useLive(
    ['overlay', kind, namespace, name, rangeKey(range), limit],
    async (signal) => {
      const url = apiUrl(pathOf(kind, namespace, name, 'overlay'), { ...windowOf(range, Date.now()), limit });
      return (await (await send(url, { signal, headers: { Accept: 'application/json' } })).json()) as SpanOverlay;
    },
    { enabled },
  );
}

export const kPercentiles = ['0.75', '0.9', '0.99'] as const;

// Response times of an object in the hour before the end of the range, ms by quantile: the mean of both directions where both are known.
export function usePercentiles(kind: Kind, namespace: string, name: string, range: TimeRange, enabled: boolean): UseQueryResult<ReadonlyMap<string, number>> {
  return useOnce(
    ['percentiles', kind, namespace, name, range.kind === 'between' ? range.to : 'now'],
    async (signal) => {
      const of = { applications: 'app', services: 'service', workloads: 'workload' }[kind];
      const directions = kind === 'services' ? ['inbound'] : ['inbound', 'outbound'];
      const queryTime = Math.floor((range.kind === 'between' ? Math.min(range.to, Date.now()) : Date.now()) / 1000);
      const queries = directions.map((direction) => ({ target: { namespace, name, kind: of }, direction, interval: '1h', queryTime, avg: false, quantiles: kPercentiles }));
      const response = await send(apiUrl('api/stats/metrics'), {
        method: 'POST',
        signal,
        headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
        body: JSON.stringify({ queries }),
      });
      const { stats } = (await response.json()) as MetricStats;
      const known = new Map<string, number[]>();
      for (const { responseTimes } of Object.values(stats)) for (const one of responseTimes) known.set(one.name, (known.get(one.name) ?? []).concat(one.value));
      return new Map([...known].map(([quantile, values]) => [quantile, values.reduce((a, b) => a + b, 0) / values.length]));
    },
    { enabled },
  );
}
