import type { Span, Trace } from '@/api/schema.gen';

// What lists and charts show of a trace.
export type Summary = {
  traceId: string;
  name: string | null; // null: its first span is missing or hidden
  service: string | null;
  startTime: number; // µs
  duration: number; // µs, from the earliest start to the latest end
  spanAverage: number; // µs, of spans that took any time
  spans: number;
  errors: number;
  hidden: number;
  services: number;
};

const tagOf = (span: Span, key: string): string | undefined => {
  const found = span.tags.find((tag) => tag.key === key);
  return found === undefined || found.value === null ? undefined : String(found.value);
};

// Whether a span says that something failed; the server decides by the same marks for single traces.
export function isError(span: Span): boolean {
  if (span.redacted) return false;
  if (tagOf(span, 'error') === 'true' || tagOf(span, 'otel.status_code') === 'ERROR') return true;
  const http = Number(tagOf(span, 'http.status_code') ?? tagOf(span, 'http.response.status_code') ?? 0);
  if (http >= 500) return true;
  const grpc = tagOf(span, 'grpc.status_code') ?? tagOf(span, 'rpc.grpc.status_code') ?? '';
  if (/^\d+$/.test(grpc) && grpc !== '0') return true;
  const flags = tagOf(span, 'response_flags');
  return flags !== undefined && flags !== '' && flags !== '-';
}

export function summarize(trace: Trace): Summary {
  let start = Number.MAX_SAFE_INTEGER;
  let end = 0;
  let errors = 0;
  let hidden = 0;
  let timed = 0;
  let total = 0;
  const ids = new Set(trace.spans.map((span) => span.spanID));
  let root: Span | undefined;
  for (const span of trace.spans) {
    start = Math.min(start, span.startTime);
    end = Math.max(end, span.startTime + span.duration);
    if (span.duration > 0) {
      timed += 1;
      total += span.duration;
    }
    if (span.redacted) hidden += 1;
    else if (isError(span)) errors += 1;
    const within = span.references.filter((reference) => reference.traceID === span.traceID);
    if (within.length === 0 && (!root || span.startTime < root.startTime)) root = span;
  }
  const named = root && !root.redacted ? root : undefined;
  const services = new Set(Object.entries(trace.processes).filter(([id]) => id !== 'redacted').map(([, one]) => one.serviceName));
  return {
    traceId: trace.traceID,
    name: named ? named.operationName : null,
    service: named ? (trace.processes[named.processID]?.serviceName ?? null) : null,
    startTime: ids.size === 0 ? 0 : start,
    duration: ids.size === 0 ? 0 : end - start,
    spanAverage: timed === 0 ? 0 : total / timed,
    spans: trace.spans.length,
    errors,
    hidden,
    services: services.size,
  };
}
