import type { KeyValue, SpanFacts, Trace } from '@/api/schema.gen';
import { ownerOf } from './spanFilters';

export type TraceEvent = { spanId: string; service: string; operation: string; after: number; fields: readonly KeyValue[] };

// What spans wrote down while they lasted, in the order of time; `after` is µs since the start of the trace.
export function eventsOf(trace: Trace, start: number): TraceEvent[] {
  return trace.spans
    .flatMap((span) =>
      span.logs.map((log) => ({
        spanId: span.spanID,
        service: trace.processes[span.processID]?.serviceName ?? '',
        operation: span.operationName,
        after: log.timestamp - start,
        fields: log.fields,
      })),
    )
    .toSorted((a, b) => a.after - b.after);
}

export type Owner = { namespace: string; workload: string };

// The workloads that took part, each once, by name.
export function workloadsOf(spans: readonly SpanFacts[]): Owner[] {
  const found = new Map<string, Owner>();
  for (const span of spans) {
    const { namespace, workload } = ownerOf(span);
    if (namespace && workload) found.set(`${namespace}/${workload}`, { namespace, workload });
  }
  return [...found.entries()].toSorted(([a], [b]) => a.localeCompare(b)).map(([, one]) => one);
}
