import type { TraceSummary } from '@/api/schema.gen';
import type { Summary } from './traceSummary';

export type Bin = { from: number; to: number; traces: number; errors: number }; // µs; `to` is not in it

const kSteps = [1, 2, 5];
const kMost = 18;

// How long traces took, in bins of 1, 2 and 5 times powers of ten; with many bins, of powers of ten alone. Bins between others may be empty.
export function durationBins(traces: readonly Summary[]): Bin[] {
  if (traces.length === 0) return [];
  const least = traces.reduce((low, one) => Math.min(low, Math.max(1, one.duration)), Number.MAX_SAFE_INTEGER);
  const most = traces.reduce((top, one) => Math.max(top, one.duration), 1);
  const bins = (steps: readonly number[]): Bin[] => {
    const edges: number[] = [];
    for (let power = 10 ** Math.floor(Math.log10(least)); power <= most * 10; power *= 10) for (const step of steps) edges.push(Math.round(step * power));
    const out: Bin[] = [];
    edges.forEach((from, at) => {
      const to = edges[at + 1];
      if (to !== undefined && to > least && from <= most) out.push({ from, to, traces: 0, errors: 0 });
    });
    return out;
  };
  const fine = bins(kSteps);
  const out = fine.length > kMost ? bins([1]) : fine;
  for (const one of traces) {
    const bin = out.find(({ from, to }) => Math.max(1, one.duration) >= from && one.duration < to);
    if (!bin) continue;
    bin.traces += 1;
    if (one.errors > 0) bin.errors += 1;
  }
  return out;
}

export type Facet = { name: string; traces: number; errors: number };

// The services in these traces: in how many each is, and in how many of them it has failed. Those that fail come first.
export function serviceFacets(traces: readonly TraceSummary[]): Facet[] {
  const found = new Map<string, Facet>();
  for (const trace of traces) {
    for (const { name, errors } of trace.services) {
      const facet = found.get(name) ?? { name, traces: 0, errors: 0 };
      facet.traces += 1;
      if (errors > 0) facet.errors += 1;
      found.set(name, facet);
    }
  }
  return [...found.values()].sort((a, b) => b.errors - a.errors || b.traces - a.traces || a.name.localeCompare(b.name));
}

export type Narrow = { took: { from: number; to: number } | undefined; minSpans: number };

// As an address says it: from-to in µs.
export function parseTook(text: string): Narrow['took'] {
  const found = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  const [from, to] = [Number(found?.[1]), Number(found?.[2])];
  return found && from < to ? { from, to } : undefined;
}

// Those of the traces that were found that took so long and have so many spans.
export const narrowed = (traces: readonly Summary[], { took, minSpans }: Narrow): Summary[] =>
  traces.filter((one) => one.spans >= minSpans && (took === undefined || (Math.max(1, one.duration) >= took.from && one.duration < took.to)));

// Of an application, in how many of these traces it has failed: as the service `application.namespace`, or plainly `application`.
export function failedTraces(facets: readonly Facet[], namespace: string, app: string): number {
  const facet = facets.find((one) => one.name === `${app}.${namespace}`) ?? facets.find((one) => one.name === app);
  return facet?.errors ?? 0;
}
