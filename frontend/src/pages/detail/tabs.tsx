import type { ComponentType, ReactNode } from 'react';
import type { TracingInfo } from '@/api/schema.gen';
import { onDemand } from '@/app/onDemand';
import type { MessageKey } from '@/i18n/catalog';
import type { Kind } from '@/lib/urls';

export type Subject = { kind: Kind; namespace: string; name: string };

export type DetailTab = {
  id: string; // `tab` in the address
  text: MessageKey;
  kinds: readonly Kind[];
  available: (tracing: TracingInfo | undefined) => boolean;
  show: (subject: Subject) => ReactNode;
};

const wanted = new URLSearchParams(window.location.search).get('tab') ?? 'info';

// The tab that the address names is loaded before it is drawn.
const loaded = (id: string, load: () => Promise<ComponentType<Subject>>) => {
  const Content = onDemand(load, id === wanted);
  return (subject: Subject) => <Content {...subject} />;
};

const kAll: readonly Kind[] = ['applications', 'workloads', 'services'];

// The tabs of detail pages, in their order. A new one is an entry here and a file beside this one.
export const kTabs: readonly DetailTab[] = [
  {
    id: 'info',
    text: 'detail.tabOverview',
    kinds: kAll,
    available: () => true,
    show: loaded('info', async () => (await import('./InfoTab')).InfoTab),
  },
  {
    id: 'traffic',
    text: 'detail.tabTraffic',
    kinds: kAll,
    available: () => true,
    show: loaded('traffic', async () => (await import('./TrafficTab')).TrafficTab),
  },
  {
    id: 'logs',
    text: 'logs.tab',
    kinds: ['workloads'],
    available: () => true,
    show: loaded('logs', async () => (await import('./LogsTab')).LogsTab),
  },
  {
    id: 'in_metrics',
    text: 'metrics.inbound',
    kinds: kAll,
    available: () => true,
    show: loaded('in_metrics', async () => (await import('./MetricsTab')).InboundTab),
  },
  {
    id: 'out_metrics',
    text: 'metrics.outbound',
    kinds: ['applications', 'workloads'],
    available: () => true,
    show: loaded('out_metrics', async () => (await import('./MetricsTab')).OutboundTab),
  },
  {
    id: 'traces',
    text: 'detail.tabTraces',
    kinds: kAll,
    available: (tracing) => tracing?.enabled === true && tracing.integration,
    show: loaded('traces', async () => (await import('./TracesTab')).TracesTab),
  },
];
