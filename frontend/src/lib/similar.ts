// How much a trace is like another one: by the number of its spans, and by what they do.
export type Shape = { traceId: string; spans: number; operations: ReadonlyMap<string, number> };

const kMostOperations = 4;
const kSimilar = 0.3;

const distance = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, a, b);

// Of the operations that `own` has most of, how differently often `other` has them. Those that only `other` has count as well, where
// `own` has fewer than four.
function byOperations(own: Shape, other: Shape): number {
  const names = new Set([...own.operations.keys(), ...other.operations.keys()]);
  const count = (name: string) => own.operations.get(name) ?? 0;
  const most = [...names].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1)).slice(0, kMostOperations);
  if (most.length === 0) return 0;
  return most.reduce((sum, name) => sum + distance(count(name), other.operations.get(name) ?? 0), 0) / most.length;
}

// 0: alike; 1: nothing in common. The order of the two makes no difference.
export function difference(a: Shape, b: Shape): number {
  return (distance(a.spans, b.spans) + byOperations(a, b) + byOperations(b, a)) / 3;
}

// Those of `others` that are like the trace, the most alike first.
export function similarTo<T extends Shape>(trace: Shape, others: readonly T[]): T[] {
  return others
    .filter((one) => one.traceId !== trace.traceId)
    .map((one) => ({ one, by: difference(trace, one) }))
    .filter(({ by }) => by < kSimilar)
    .sort((a, b) => a.by - b.by || (a.one.traceId < b.one.traceId ? -1 : 1))
    .map(({ one }) => one);
}

export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
