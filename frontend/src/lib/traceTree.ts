import type { Span, SpanFacts, Trace } from '@/api/schema.gen';
import { criticalPath } from './criticalPath';
import { isError } from './traceSummary';

type Tags = ReadonlyMap<string, string>;

const tagsOf = (span: Span): Tags => new Map(span.tags.map((tag) => [tag.key, String(tag.value)]));
const first = (tags: Tags, ...keys: string[]): string | null => keys.map((key) => tags.get(key)).find((value) => value !== undefined && value !== '') ?? null;
const within = (value: string | null, least: number, most: number): number | null => {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number >= least && number <= most ? number : null;
};

const kKinds: ReadonlyArray<SpanFacts['kind']> = ['internal', 'server', 'client', 'producer', 'consumer'];
const directions: Record<SpanFacts['kind'], SpanFacts['direction']> = { server: 'inbound', consumer: 'inbound', client: 'outbound', producer: 'outbound', internal: 'internal' };

function errorOf(span: Span, http: number | null, flags: readonly string[]): SpanFacts['error'] {
  if (!isError(span)) return null;
  const cls = http === null ? (flags.length > 0 ? 'transport' : 'application') : http >= 500 ? 'server' : 'client';
  return { class: cls, rule: 'tags', confidence: 'low' };
}

// What the tags of a span say by themselves, without a cluster to hold them against: whose it is stays unknown.
function factsOf(span: Span, service: string | null, start: number, meaningOf: (flag: string) => string): SpanFacts {
  const tags = tagsOf(span);
  const kind = kKinds.find((one) => one === tags.get('span.kind')) ?? 'internal';
  const status = first(tags, 'http.status_code', 'http.response.status_code');
  const grpc = first(tags, 'grpc.status_code', 'rpc.grpc.status_code');
  const http = within(status, 100, 599);
  const flags = (tags.get('response_flags') ?? '').split(',').filter((one) => one !== '' && one !== '-');
  const method = first(tags, 'http.method', 'http.request.method');
  return {
    spanID: span.spanID, parentSpanID: null, startTime: span.startTime, duration: span.duration, relativeStart: span.startTime - start,
    selfTime: span.duration, criticalTime: 0, criticalShare: 0, depth: 0, children: 0, descendants: 0, collapsed: false, orphan: false,
    redacted: span.redacted === true, operationName: span.operationName, service, source: tags.get('component') === 'proxy' ? 'envoy' : 'app',
    type: grpc !== null ? 'grpc' : method !== null || status !== null ? 'http' : 'unknown', direction: directions[kind], kind, kindRule: tags.has('span.kind') ? 'span.kind' : null,
    component: first(tags, 'component', 'otel.scope.name'), workload: null, workloadRule: null, pod: null, namespace: null, namespaceRule: null,
    app: null, canonicalService: first(tags, 'istio.canonical_service'), cluster: null, waypoint: false, identity: null, peer: null,
    request: {
      method, url: first(tags, 'http.url', 'url.full', 'url.path'), route: first(tags, 'http.route'), protocol: first(tags, 'http.protocol'),
      id: first(tags, 'guid:x-request-id'), requestBytes: within(first(tags, 'request_size'), 0, Number.MAX_SAFE_INTEGER), responseBytes: within(first(tags, 'response_size'), 0, Number.MAX_SAFE_INTEGER),
    },
    status: { http, httpRaw: http === null && status !== null && Number(status) !== 0 ? status : null, noResponse: status !== null && Number(status) === 0, grpc: within(grpc, 0, 16), grpcRaw: within(grpc, 0, 16) === null ? grpc : null },
    target: { system: null, name: null, operation: null }, flags: flags.map((code) => ({ code, meaning: meaningOf(code) })), error: errorOf(span, http, flags), pair: null,
  };
}

// Spans by start. Those that share an id, as a client and its server may, are told apart: the later ones get a number behind it.
export function toldApart(trace: Trace): Trace {
  const seen = new Map<string, number>();
  const spans = trace.spans
    .toSorted((a, b) => a.startTime - b.startTime)
    .map((span) => {
      const times = seen.get(span.spanID) ?? 0;
      seen.set(span.spanID, times + 1);
      return times === 0 ? span : { ...span, spanID: `${span.spanID}_${times}` };
    });
  return { ...trace, spans };
}

// What none of the children covers; they are clipped to their parent.
function selfTime(span: SpanFacts, children: readonly SpanFacts[]): number {
  const end = span.startTime + span.duration;
  let covered = 0;
  let at = span.startTime;
  for (const child of children) {
    const to = Math.min(end, child.startTime + child.duration);
    if (to <= at) continue;
    covered += to - Math.max(at, child.startTime);
    at = to;
  }
  return Math.max(0, span.duration - covered);
}

// The spans of a trace that was told apart as the rows of a waterfall: a parent before its children, siblings by start. A parent is the first CHILD_OF, else the
// first FOLLOWS_FROM, that is there; what goes round in a circle has none.
export function rowsOf(trace: Trace, meaningOf: (flag: string) => string): SpanFacts[] {
  const { spans } = trace;
  const start = spans[0]?.startTime ?? 0;
  const facts = new Map(spans.map((span) => [span.spanID, factsOf(span, trace.processes[span.processID]?.serviceName || null, start, meaningOf)]));
  const children = new Map<string, SpanFacts[]>();
  const roots: SpanFacts[] = [];
  for (const span of spans) {
    const own = facts.get(span.spanID);
    if (!own) continue;
    const named = span.references.filter((one) => one.traceID === trace.traceID && one.spanID !== span.spanID);
    const there = named.filter((one) => facts.has(one.spanID));
    own.parentSpanID = (there.find((one) => one.refType === 'CHILD_OF') ?? there[0])?.spanID ?? null;
    own.orphan = own.parentSpanID === null && named.length > 0;
    const siblings = own.parentSpanID === null ? roots : (children.get(own.parentSpanID) ?? []);
    siblings.push(own);
    if (own.parentSpanID !== null) children.set(own.parentSpanID, siblings);
  }
  const rows: SpanFacts[] = [];
  const walk = (from: SpanFacts) => {
    const open: Array<{ span: SpanFacts; depth: number }> = [{ span: from, depth: 0 }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { span, depth } = next;
      const below = children.get(span.spanID) ?? [];
      Object.assign(span, { depth, children: below.length, selfTime: selfTime(span, below) });
      rows.push(span);
      for (const child of below.toReversed()) open.push({ span: child, depth: depth + 1 });
    }
  };
  for (const root of roots) walk(root);
  if (rows.length < facts.size) {
    const seen = new Set(rows.map((row) => row.spanID));
    for (const span of facts.values()) {
      if (seen.has(span.spanID)) continue;
      const siblings = children.get(span.parentSpanID ?? '') ?? [];
      children.set(span.parentSpanID ?? '', siblings.filter((one) => one !== span));
      Object.assign(span, { parentSpanID: null, orphan: true });
      const from = rows.length;
      walk(span);
      for (const row of rows.slice(from)) seen.add(row.spanID);
    }
  }
  return withSums(rows);
}

// How many spans are below each, and what of the critical path of its root it is.
function withSums(rows: SpanFacts[]): SpanFacts[] {
  const path = criticalPath(rows);
  const open: SpanFacts[] = [];
  for (const row of rows) {
    open.length = Math.min(open.length, row.depth);
    for (const above of open) above.descendants += 1;
    open.push(row);
    row.criticalTime = (path.get(row.spanID) ?? []).reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
    const whole = open[0]?.duration ?? 0;
    row.criticalShare = whole === 0 ? 0 : Math.min(1, row.criticalTime / whole);
  }
  return rows;
}
