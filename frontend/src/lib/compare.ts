import type { ComparedNode, TraceComparison } from '@/api/schema.gen';

export const kShown = ['all', 'changed', 'onlyA', 'onlyB'] as const;
export type Shown = (typeof kShown)[number];

// The places of both traces that are looked at, the largest difference first.
export function placesOf(comparison: TraceComparison, shown: Shown): ComparedNode[] {
  const found = { all: [...comparison.nodes, ...comparison.onlyA, ...comparison.onlyB], changed: comparison.nodes, onlyA: comparison.onlyA, onlyB: comparison.onlyB }[shown];
  return found.toSorted((a, b) => Math.abs(b.delta) - Math.abs(a.delta));
}

export type ServiceDelta = { service: string; spansA: number; spansB: number; durationA: number; durationB: number; delta: number };

// What the services did in either trace: all their spans together, the largest difference first.
export function servicesOf(comparison: TraceComparison): ServiceDelta[] {
  const found = new Map<string, ServiceDelta>();
  for (const node of placesOf(comparison, 'all')) {
    const service = node.path.at(-1) ?? '';
    const sum = found.get(service) ?? { service, spansA: 0, spansB: 0, durationA: 0, durationB: 0, delta: 0 };
    sum.spansA += node.inA;
    sum.spansB += node.inB;
    sum.durationA += node.durationA;
    sum.durationB += node.durationB;
    sum.delta = sum.durationB - sum.durationA;
    found.set(service, sum);
  }
  return [...found.values()].sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta) || a.service.localeCompare(b.service));
}
