import type { ComponentStatus } from '@/api/schema.gen';

const kNames: Record<string, string> = { kubernetes: 'Kubernetes', prometheus: 'Prometheus', grafana: 'Grafana', jaeger: 'Jaeger', tempo: 'Tempo' };

// What people call a component. The tracing backend goes by its provider.
export function componentName(name: string, provider = 'jaeger'): string {
  const known = name === 'tracing' ? provider || 'jaeger' : name;
  if (known.startsWith('Kubernetes-')) return 'Kubernetes';
  return kNames[known.toLowerCase()] ?? known;
}

export type Light = 'green' | 'orange' | 'red' | 'grey';

// The colour of all components together: red for a core one in trouble, orange for another; one that is not ready yet is no trouble.
export function overall(components: readonly ComponentStatus[] | undefined): { light: Light; troubled: readonly ComponentStatus[] } {
  if (!components) return { light: 'grey', troubled: [] };
  const bad = components.filter((one) => ['Unhealthy', 'Unreachable', 'NotFound'].includes(one.status));
  if (bad.length === 0) return { light: 'green', troubled: [] };
  return { light: bad.some((one) => one.isCore) ? 'red' : 'orange', troubled: bad };
}
