import { expect, test } from 'vitest';
import type { GrafanaInfo } from '@/api/schema.gen';
import { dashboardsOf } from './grafanaLinks';

const info = {
  datasourceUID: 'prom',
  externalLinks: [
    { name: 'Workloads', url: 'https://g.example/d/1/w?orgId=1', variables: { namespace: 'var-namespace', workload: 'var-workload', datasource: 'var-datasource' } },
    { name: 'Services', url: 'https://g.example/d/2/s', variables: { service: 'var-service' } },
    { name: 'Mesh', url: 'https://g.example/d/3/m', variables: {} },
    { name: 'Evil', url: 'javascript:alert(1)', variables: { workload: 'var-workload' } },
  ],
} as unknown as GrafanaInfo;
const kWindow = { startMicros: 1_000_500, endMicros: 2_000_500 };
const of = (kind: 'workloads' | 'services' | 'applications', name: string) => dashboardsOf(info, { kind, namespace: 'shop', name }, 'svc.cluster.local', kWindow);

test('a dashboard about workloads is opened at the workload, its namespace and the time of the page', () => {
  const [found, ...rest] = of('workloads', 'cart v1');
  expect([found?.name, rest]).toEqual(['Workloads', []]);
  const { searchParams, pathname } = new URL(found?.href ?? '');
  expect(pathname).toBe('/d/1/w');
  expect(Object.fromEntries(searchParams)).toEqual({
    orgId: '1', 'var-namespace': 'shop', 'var-workload': 'cart v1', 'var-datasource': 'prom', from: '1000', to: '2001',
  });
});

test('services by their host; none for kinds that no dashboard is about, and none without Grafana', () => {
  expect(of('services', 'cart').map((one) => new URL(one.href).searchParams.get('var-service'))).toEqual(['cart.shop.svc.cluster.local']);
  expect(of('applications', 'cart')).toEqual([]);
  expect(dashboardsOf(null, { kind: 'workloads', namespace: 'a', name: 'b' }, 'x', kWindow)).toEqual([]);
});
