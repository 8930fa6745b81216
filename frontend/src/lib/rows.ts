import type { SpanFacts } from '@/api/schema.gen';

// Rows that are seen when some spans are folded; `spans` has a parent before its children.
export function visibleRows(spans: readonly SpanFacts[], folded: (span: SpanFacts) => boolean): SpanFacts[] {
  const seen: SpanFacts[] = [];
  for (let at = 0; at < spans.length; at += 1) {
    const span = spans[at];
    if (!span) break;
    seen.push(span);
    if (folded(span)) at += span.descendants;
  }
  return seen;
}

// Ids of the spans above this one, nearest first.
export function ancestors(spans: readonly SpanFacts[], spanId: string): string[] {
  const parents = new Map(spans.map((span) => [span.spanID, span.parentSpanID]));
  const above: string[] = [];
  for (let at = parents.get(spanId); at && !above.includes(at); at = parents.get(at)) above.push(at);
  return above;
}

// The spans that have an error somewhere below them.
export function failedBelow(spans: readonly SpanFacts[]): ReadonlySet<string> {
  const parents = new Map(spans.map((span) => [span.spanID, span.parentSpanID]));
  const found = new Set<string>();
  for (const span of spans) {
    if (!span.error) continue;
    for (let at = parents.get(span.spanID); at && !found.has(at); at = parents.get(at)) found.add(at);
  }
  return found;
}

// Where a bar stands in the window that is looked at, in percent; undefined when it is outside.
export function barPlace(start: number, duration: number, from: number, to: number): { left: number; width: number } | undefined {
  const span = Math.max(1, to - from);
  const left = Math.max(from, start);
  const right = Math.min(to, start + duration);
  if (right < left || start > to) return undefined;
  return { left: (100 * (left - from)) / span, width: (100 * (right - left)) / span };
}

// Does the span hold every word of what is looked for?
export function matches(span: SpanFacts, words: readonly string[]): boolean {
  if (words.length === 0) return false;
  const text = [span.spanID, span.operationName, span.service, span.workload, span.app, span.request.url, span.request.method, span.component]
    .concat(span.flags.map((flag) => flag.code), span.status.http === null ? [] : [String(span.status.http)])
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

export const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter((word) => word !== '');
