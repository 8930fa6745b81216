import type { SpanFacts } from '@/api/schema.gen';

export type Stretch = { from: number; to: number };

// The stretches of each span that its root's duration consists of: from the end backwards, the child that finished last holds up
// its parent; what no child covers is the parent's own. Children are clipped to their parent; a consumer does not hold up its producer.
export function criticalPath(spans: readonly SpanFacts[]): Map<string, Stretch[]> {
  const children = new Map<string, SpanFacts[]>();
  for (const span of spans) {
    if (span.parentSpanID === null) continue;
    const list = children.get(span.parentSpanID);
    if (list) list.push(span);
    else children.set(span.parentSpanID, [span]);
  }
  const path = new Map<string, Stretch[]>();
  const add = (id: string, from: number, to: number) => {
    if (to <= from) return;
    const list = path.get(id);
    if (list) list.push({ from, to });
    else path.set(id, [{ from, to }]);
  };
  // Work is kept on a stack of its own: a trace may be deeper than the call stack.
  const open: Array<{ span: SpanFacts; from: number; to: number }> = [];
  for (const span of spans) {
    if (span.parentSpanID === null) open.push({ span, from: span.startTime, to: span.startTime + span.duration });
  }
  while (open.length > 0) {
    const work = open.pop();
    if (!work) break;
    const { span, from } = work;
    const blocking = (children.get(span.spanID) ?? [])
      .filter((child) => !(span.kind === 'producer' && child.kind === 'consumer'))
      .map((child) => ({ child, start: Math.max(from, child.startTime), end: Math.min(work.to, child.startTime + child.duration) }))
      .filter((one) => one.end > one.start)
      .sort((a, b) => b.end - a.end || b.start - a.start);
    let at = work.to;
    for (const one of blocking) {
      if (one.end > at) continue;
      add(span.spanID, one.end, at);
      open.push({ span: one.child, from: one.start, to: one.end });
      at = one.start;
    }
    add(span.spanID, from, at);
  }
  return path;
}
