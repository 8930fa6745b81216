import type { TraceSummary } from '@/api/schema.gen';

export type Operation = { service: string; operation: string; traces: number; errors: number; slowest: TraceSummary; failed: TraceSummary | undefined };

// What traces begin with, the worst first: those that failed most often, then those that took longest. Each with its slowest trace, and the
// newest that failed.
export function operationsOf(traces: readonly TraceSummary[]): Operation[] {
  const found = new Map<string, Operation>();
  const seen = new Set<string>();
  for (const one of traces) {
    if (one.rootService === null || one.rootOperation === null || seen.has(one.traceID)) continue;
    seen.add(one.traceID);
    const key = JSON.stringify([one.rootService, one.rootOperation]);
    const known = found.get(key);
    const failed = one.errors > 0 ? one : undefined;
    if (!known) {
      found.set(key, { service: one.rootService, operation: one.rootOperation, traces: 1, errors: failed ? 1 : 0, slowest: one, failed });
      continue;
    }
    known.traces += 1;
    if (failed) known.errors += 1;
    if (failed && failed.startTime > (known.failed?.startTime ?? 0)) known.failed = failed;
    if (one.duration > known.slowest.duration) known.slowest = one;
  }
  return [...found.values()].sort(
    (a, b) => b.errors - a.errors || b.slowest.duration - a.slowest.duration || a.service.localeCompare(b.service) || a.operation.localeCompare(b.operation),
  );
}
