import type { WorkloadListItem } from '@/api/schema.gen';

type Workload = Pick<WorkloadListItem, 'name' | 'namespace' | 'labels' | 'istioSidecar' | 'isAmbient' | 'podCount'>;

const kAppLabels = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'] as const;

// The workloads that may be behind a service of traces, named `application` or `application.namespace`; without a service all that could
// send traces. Those that run in the mesh come first.
export function behind<T extends Workload>(service: string, workloads: readonly T[]): T[] {
  const runs = (one: T) => (one.istioSidecar || one.isAmbient) && one.podCount > 0;
  const isApp = (one: T, app: string) => one.name === app || kAppLabels.some((label) => one.labels[label] === app);
  const dot = service.lastIndexOf('.');
  const [app, namespace] = dot < 0 ? [service, undefined] : [service.slice(0, dot), service.slice(dot + 1)];
  const found = workloads.filter(
    (one) => service === '' || isApp(one, service) || (namespace !== undefined && one.namespace === namespace && isApp(one, app)),
  );
  return found.sort((a, b) => Number(runs(b)) - Number(runs(a)) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name));
}
