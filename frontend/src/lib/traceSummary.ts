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
  operations?: ReadonlyMap<string, number>; // how many spans do what, where the spans are known
};

const tagOf = (span: Span, key: string): string | undefined => {
  const found = span.tags.find((tag) => tag.key === key);
  return found === undefined || found.value === null ? undefined : String(found.value);
};

const kGrpcFailures = new Set(['2', '4', '8', '12', '13', '14', '15']);

// true and false as the tag `error` says them; a longer text is a message, and one is written where something failed.
function errorTag(span: Span): boolean | undefined {
  const text = tagOf(span, 'error')?.trim().toLowerCase();
  if (text === undefined || text === '') return undefined;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false' || text === 'no') return false;
  return text.length > 5 ? true : undefined;
}

const escaped = (span: Span): boolean =>
  span.logs.some((log) => log.fields.some((field) => field.key === 'exception.escaped' && String(field.value) === 'true'));

// Whether a span is an error, by the clauses and in the order of the server, which decides by them for a single trace: response
// flags count only where no HTTP status stands beside them, so a delay that was injected is no error.
export function isError(span: Span): boolean {
  if (span.redacted) return false;
  if (tagOf(span, 'otel.status_code')?.toUpperCase() === 'ERROR') return true;
  const said = errorTag(span);
  if (said !== undefined) return said;
  const status = tagOf(span, 'http.status_code') ?? tagOf(span, 'http.response.status_code');
  const http = Number(status ?? 0);
  if (http >= 500 || (http >= 400 && tagOf(span, 'span.kind') === 'client')) return true;
  const envoy = tagOf(span, 'component') === 'proxy' || tagOf(span, 'node_id') !== undefined;
  if (envoy && status !== undefined && http === 0) return true;
  if (kGrpcFailures.has(tagOf(span, 'grpc.status_code') ?? tagOf(span, 'rpc.grpc.status_code') ?? '')) return true;
  const flags = tagOf(span, 'response_flags');
  if (flags !== undefined && flags !== '' && flags !== '-' && status === undefined) return true;
  return escaped(span);
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
  const operations = new Map<string, number>();
  for (const span of trace.spans) {
    start = Math.min(start, span.startTime);
    end = Math.max(end, span.startTime + span.duration);
    if (span.duration > 0) {
      timed += 1;
      total += span.duration;
    }
    if (span.redacted) {
      hidden += 1;
    } else {
      operations.set(span.operationName, (operations.get(span.operationName) ?? 0) + 1);
      if (isError(span)) errors += 1;
    }
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
    operations,
  };
}
