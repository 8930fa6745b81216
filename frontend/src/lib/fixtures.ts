import type { Span, SpanFacts, Trace } from '@/api/schema.gen';

// Spans for tests: what is not said is empty.
export function span(some: Partial<Span> & { spanID: string }): Span {
  return { traceID: '2a', references: [], startTime: 0, duration: 0, operationName: 'op', tags: [], logs: [], processID: 'p1', warnings: null, ...some };
}

export const trace = (spans: Span[], services: Record<string, string> = { p1: 'details.bookinfo' }): Trace => ({
  traceID: '2a',
  spans,
  processes: Object.fromEntries(Object.entries(services).map(([id, serviceName]) => [id, { serviceName, tags: [] }])),
  warnings: null,
  matched: 0,
});

export const child = (of: string) => [{ refType: 'CHILD_OF' as const, traceID: '2a', spanID: of }];

export function facts(spanID: string, parentSpanID: string | null, startTime: number, duration: number, more: Partial<SpanFacts> = {}): SpanFacts {
  return {
    spanID, parentSpanID, startTime, duration, relativeStart: startTime, selfTime: 0, criticalTime: 0, criticalShare: 0, depth: 0, children: 0,
    descendants: 0, collapsed: false, orphan: false, redacted: false, operationName: spanID, service: 'a', source: 'app', type: 'http',
    direction: 'internal', kind: 'internal', kindRule: null, component: null, workload: null, workloadRule: null, pod: null, namespace: null,
    namespaceRule: null, app: null, canonicalService: null, cluster: null, waypoint: false, identity: null, peer: null,
    request: { method: null, url: null, route: null, protocol: null, id: null, requestBytes: null, responseBytes: null },
    status: { http: null, httpRaw: null, noResponse: false, grpc: null, grpcRaw: null },
    target: { system: null, name: null, operation: null }, flags: [], error: null, pair: null, ...more,
  };
}
