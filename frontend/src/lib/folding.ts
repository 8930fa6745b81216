import type { SpanFacts } from '@/api/schema.gen';

// Which spans of a trace are folded: none but these, or all below the roots but these.
export type Folded = { all: boolean; but: ReadonlySet<string> };

export const kUnfolded: Folded = { all: false, but: new Set() };
export const kAllFolded: Folded = { all: true, but: new Set() };

const kAll = 'all';
const kMost = 200; // ids in an address

export function isFolded(folded: Folded, span: SpanFacts): boolean {
  if (span.children === 0) return false;
  return (folded.all && span.depth > 0) !== folded.but.has(span.spanID);
}

export function flippedFold(folded: Folded, id: string): Folded {
  const but = new Set(folded.but);
  if (!but.delete(id)) but.add(id);
  return { all: folded.all, but };
}

// Spans that hide others and are seen themselves: what is below a folded span need not be named.
export function foldedIds(folded: Folded, spans: readonly SpanFacts[]): string[] {
  const ids: string[] = [];
  for (let at = 0; at < spans.length; at += 1) {
    const span = spans[at];
    if (!span || !isFolded(folded, span)) continue;
    ids.push(span.spanID);
    at += span.descendants;
  }
  return ids;
}

// As the address has it: "", "b7,c1", "all", "all,b7".
export const foldedText = (folded: Folded): string => [...(folded.all ? [kAll] : []), ...[...folded.but].slice(-kMost)].join(',');

export function readFolded(text: string): Folded {
  const parts = text.split(',');
  return { all: parts[0] === kAll, but: new Set(parts.filter((one) => /^[0-9a-f]{1,16}$/.test(one))) };
}
