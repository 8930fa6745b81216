import type { SpanFacts } from '@/api/schema.gen';

// Spans of one parent that do the same, as one; children are those of all of them.
export type Flame = {
  id: string; // of the way from the root: the same for the same way, and as short for a long one
  parent: string; // "" for roots
  service: string | null;
  operation: string;
  count: number;
  errors: number;
  total: number; // µs, of all spans together; at least as long as the children
  depth: number;
  left: number; // µs from the left edge
  spanId: string; // of the longest one
};

// 32 bits of the way to a frame, and 32 of another mix of it.
function idOf(parent: string, name: string): string {
  let a = 2166136261;
  let b = 0x9e3779b9;
  const text = `${parent}/${name}`;
  for (let at = 0; at < text.length; at += 1) {
    a = Math.imul(a ^ text.charCodeAt(at), 16777619);
    b = Math.imul(b + text.charCodeAt(at), 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}

// All frames of a trace, parents before their children. `spans` has parents before children, too.
export function flames(spans: readonly SpanFacts[]): Flame[] {
  const children = new Map<string | null, SpanFacts[]>();
  const known = new Set(spans.map((span) => span.spanID));
  for (const span of spans) {
    const parent = span.parentSpanID !== null && known.has(span.parentSpanID) ? span.parentSpanID : null;
    const list = children.get(parent);
    if (list) list.push(span);
    else children.set(parent, [span]);
  }
  const frames: Flame[] = [];
  type Group = { frame: Flame; members: SpanFacts[]; below: Group[] };
  const grouped = (members: readonly SpanFacts[], depth: number, way: string): Group[] => {
    const groups = new Map<string, Group>();
    for (const span of members) {
      const id = idOf(way, `${span.service ?? ''}:${span.operationName}`);
      const group = groups.get(id) ?? {
        frame: { id, parent: way, service: span.service, operation: span.operationName, count: 0, errors: 0, total: 0, depth, left: 0, spanId: span.spanID },
        members: [],
        below: [],
      };
      const longest = group.members.reduce((most, one) => Math.max(most, one.duration), -1);
      if (span.duration > longest) group.frame.spanId = span.spanID;
      group.frame.count += 1;
      group.frame.errors += span.error ? 1 : 0;
      group.frame.total += span.duration;
      group.members.push(span);
      groups.set(id, group);
    }
    return [...groups.values()];
  };
  // Level by level, as traces may be deep.
  const top = grouped(children.get(null) ?? [], 0, '');
  const levels: Group[][] = [top];
  for (let level = levels[0]; level && level.length > 0; level = levels.at(-1)) {
    const next: Group[] = [];
    for (const group of level) {
      group.below = grouped(group.members.flatMap((span) => children.get(span.spanID) ?? []), group.frame.depth + 1, group.frame.id);
      next.push(...group.below);
    }
    levels.push(next);
  }
  for (const level of levels.toReversed()) {
    for (const group of level) group.frame.total = Math.max(group.frame.total, group.below.reduce((sum, one) => sum + one.frame.total, 0));
  }
  let left = 0;
  for (const group of top) {
    group.frame.left = left;
    left += group.frame.total;
  }
  for (const level of levels) {
    for (const group of level) {
      frames.push(group.frame);
      let at = group.frame.left;
      for (const one of group.below) {
        one.frame.left = at;
        at += one.frame.total;
      }
    }
  }
  return frames;
}

// A frame with all that is above and below it; everything when there is no such frame. `frames` has parents before children.
export function around(frames: readonly Flame[], id: string): { root: Flame | undefined; frames: readonly Flame[] } {
  const root = frames.find((one) => one.id === id);
  if (!root) return { root, frames };
  const kept = new Set([id]);
  for (const one of frames) if (kept.has(one.parent)) kept.add(one.id);
  const byId = new Map(frames.map((one) => [one.id, one]));
  for (let above = byId.get(root.parent); above; above = byId.get(above.parent)) kept.add(above.id);
  return { root, frames: frames.filter((one) => kept.has(one.id)) };
}
