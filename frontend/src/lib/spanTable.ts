import type { SpanFacts } from '@/api/schema.gen';
import { ownerOf } from './spanFilters';

export const kSpanColumns = ['start', 'duration', 'self', 'status', 'service', 'operation', 'workload'] as const;
export type SpanColumn = (typeof kSpanColumns)[number];

// How a request ended, as one word: HTTP, else gRPC, else nothing.
export function endOf(span: SpanFacts): string {
  const { http, httpRaw, grpc, grpcRaw } = span.status;
  if (http !== null) return String(http);
  if (httpRaw !== null) return httpRaw;
  if (grpc !== null) return `gRPC ${grpc}`;
  return grpcRaw === null ? '' : `gRPC ${grpcRaw}`;
}

const keys: Record<SpanColumn, (span: SpanFacts) => number | string> = {
  start: (span) => span.relativeStart,
  service: (span) => span.service ?? '',
  operation: (span) => (span.redacted ? '' : span.operationName),
  workload: (span) => ownerOf(span).workload ?? '',
  duration: (span) => span.duration,
  self: (span) => span.selfTime,
  status: (span) => `${span.error ? 1 : 0}${endOf(span)}`, // failed ones apart
};

// In the order of a column; equals stay in the order of calls.
export function sortSpans(spans: readonly SpanFacts[], by: SpanColumn, ascending: boolean): SpanFacts[] {
  const key = keys[by];
  const sign = ascending ? 1 : -1;
  return spans.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return sign * (typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right)));
  });
}
