import type { SpanFacts } from '@/api/schema.gen';

export const kCategories = ['app', 'workload', 'component', 'operation', 'error'] as const;
export type Category = (typeof kCategories)[number];
export type SpanFilter = { category: Category; value: string };

export const kUnknown = 'unknown'; // also what proxies call what they do not know
const kErrors = ['with', 'without'] as const;

// Whose a span is, as far as it is known.
export function ownerOf(span: SpanFacts): { namespace: string | null; workload: string | null; app: string | null; pod: string | null } {
  const found = span.identity;
  return {
    namespace: found?.namespace ?? span.namespace,
    workload: found?.workload ?? span.workload,
    app: found?.app ?? span.app,
    pod: found?.pod ?? span.pod,
  };
}

function valueOf(span: SpanFacts, category: Category): string {
  switch (category) {
    case 'app':
      return ownerOf(span).app ?? kUnknown;
    case 'workload':
      return ownerOf(span).workload ?? kUnknown;
    case 'component':
      return span.component ?? kUnknown;
    case 'operation':
      return span.redacted ? kUnknown : span.operationName;
    case 'error':
      return span.error ? 'with' : 'without';
  }
}

export const textOf = (filter: SpanFilter): string => `${filter.category}:${filter.value}`;

// Out of "app:ratings"; what is none is left out.
export function readFilters(texts: readonly string[]): SpanFilter[] {
  return texts.flatMap((text) => {
    const at = text.indexOf(':');
    const category = kCategories.find((one) => one === text.slice(0, at));
    return category && at + 1 < text.length ? [{ category, value: text.slice(at + 1) }] : [];
  });
}

// With this filter chosen or no longer chosen. Spans are with errors or without: one excludes the other.
export function flipped(filters: readonly SpanFilter[], text: string): SpanFilter[] {
  const rest = filters.filter((one) => textOf(one) !== text);
  if (rest.length < filters.length) return rest;
  const added = readFilters([text]);
  return [...(added[0]?.category === 'error' ? rest.filter((one) => one.category !== 'error') : rest), ...added];
}

// Does the span have one of the values of each category that is chosen?
export function keeps(filters: readonly SpanFilter[], span: SpanFacts): boolean {
  return kCategories.every((category) => {
    const wanted = filters.filter((one) => one.category === category);
    return wanted.length === 0 || wanted.some((one) => one.value === valueOf(span, category));
  });
}

// What can be chosen of these spans, by category.
export function choicesOf(spans: readonly SpanFacts[]): Array<{ category: Category; values: string[] }> {
  return kCategories.map((category) => ({
    category,
    values: category === 'error' ? [...kErrors] : [...new Set(spans.map((span) => valueOf(span, category)))].sort(),
  }));
}
