import type { SpanFacts, TraceForensics } from '@/api/schema.gen';

export type Shifted = { spans: SpanFacts[]; duration: number; moved: number; of: string }; // `of`: the host whose clock counts

// How far each host's clock is ahead of one of them, µs: that of the trace's first span, else the one that timed most spans.
function offsetsOf(found: TraceForensics, first: string | undefined): { base: string; ahead: Map<string, number> } {
  const most = found.hosts.toSorted((a, b) => b.spans.length - a.spans.length)[0]?.name ?? '';
  const base = found.hosts.find((host) => first !== undefined && host.spans.includes(first))?.name ?? most;
  const ahead = new Map([[base, 0]]);
  const open = [base];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const clock of found.clocks) {
      const [other, by] = clock.from === at ? [clock.to, clock.offset] : clock.to === at ? [clock.from, -clock.offset] : [at, 0];
      if (ahead.has(other)) continue;
      ahead.set(other, (ahead.get(at) ?? 0) + by);
      open.push(other);
    }
  }
  return { base, ahead };
}

// The spans of a trace as one clock would have timed them. Nothing else of them is changed, nor their order; undefined where nothing is to
// be moved.
export function shifted(spans: readonly SpanFacts[], found: TraceForensics | undefined): Shifted | undefined {
  if (!found || found.clocks.length === 0 || found.hosts.length === 0) return undefined;
  const { base, ahead } = offsetsOf(found, spans[0]?.spanID);
  const by = new Map(found.hosts.flatMap((host) => host.spans.map((spanId) => [spanId, ahead.get(host.name) ?? 0] as const)));
  const moved = spans.map((span) => ({ ...span, startTime: span.startTime - (by.get(span.spanID) ?? 0) }));
  const start = moved.reduce((least, span) => Math.min(least, span.startTime), Number.MAX_SAFE_INTEGER);
  const end = moved.reduce((most, span) => Math.max(most, span.startTime + span.duration), 0);
  for (const span of moved) span.relativeStart = span.startTime - start;
  const count = spans.filter((span) => (by.get(span.spanID) ?? 0) !== 0).length;
  return count === 0 ? undefined : { spans: moved, duration: Math.max(0, end - start), moved: count, of: base };
}
