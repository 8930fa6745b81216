import type { GrafanaInfo } from '@/api/schema.gen';
import { jaegerHome } from './jaegerLinks';
import type { Window } from './range';
import type { Kind } from './urls';

const members: Record<Kind, 'app' | 'service' | 'workload'> = { applications: 'app', services: 'service', workloads: 'workload' };

export type Dashboard = { name: string; href: string };

// The dashboards that are about objects of that kind, at that object and that time. Istio's know a service by its host.
export function dashboardsOf(info: GrafanaInfo | null | undefined, of: { kind: Kind; namespace: string; name: string }, domain: string, window: Window): Dashboard[] {
  const own = members[of.kind];
  return (info?.externalLinks ?? []).flatMap(({ url, name, variables }) => {
    const wanted = variables[own];
    if (wanted === undefined || jaegerHome(url) === undefined) return [];
    const href = new URL(url);
    const set = (variable: string | undefined, value: string | undefined) => {
      if (variable && value) href.searchParams.set(variable, value);
    };
    set(variables['namespace'], of.namespace);
    set(variables['datasource'], info?.datasourceUID);
    set(wanted, of.kind === 'services' ? `${of.name}.${of.namespace}.${domain}` : of.name);
    set('from', String(Math.floor(window.startMicros / 1000)));
    set('to', String(Math.ceil(window.endMicros / 1000)));
    return [{ name, href: href.href }];
  });
}
