import type { SpanFacts } from '@/api/schema.gen';

export const kGroups = ['service', 'operation', 'workload'] as const;
export type Group = (typeof kGroups)[number];

export type Row = { name: string; count: number; errors: number; total: number; avg: number; min: number; max: number; self: number; share: number };
export const kNumbers = ['count', 'errors', 'total', 'avg', 'min', 'max', 'self', 'share'] as const;
export type SortKey = (typeof kNumbers)[number] | 'name';

const nameOf: Record<Group, (span: SpanFacts) => string> = {
  service: (span) => span.service ?? '',
  operation: (span) => `${span.service ?? ''}: ${span.operationName}`,
  workload: (span) => span.identity?.workload ?? span.workload ?? '',
};

// How often and how long, by what spans have in common; µs. `self` is what no child covers, `share` its percentage of all of that.
export function statistics(spans: readonly SpanFacts[], group: Group): Row[] {
  const rows = new Map<string, Row>();
  let whole = 0;
  for (const span of spans) {
    if (span.redacted) continue;
    const name = nameOf[group](span);
    const row = rows.get(name) ?? { name, count: 0, errors: 0, total: 0, avg: 0, min: Number.MAX_SAFE_INTEGER, max: 0, self: 0, share: 0 };
    row.count += 1;
    row.errors += span.error ? 1 : 0;
    row.total += span.duration;
    row.min = Math.min(row.min, span.duration);
    row.max = Math.max(row.max, span.duration);
    row.self += span.selfTime;
    whole += span.selfTime;
    rows.set(name, row);
  }
  for (const row of rows.values()) {
    row.avg = row.total / row.count;
    row.share = whole === 0 ? 0 : (100 * row.self) / whole;
  }
  return [...rows.values()];
}

export function sortRows(rows: readonly Row[], by: SortKey, ascending: boolean): Row[] {
  const sign = ascending ? 1 : -1;
  return rows.toSorted((a, b) => (by === 'name' ? sign * a.name.localeCompare(b.name) : sign * (a[by] - b[by]) || a.name.localeCompare(b.name)));
}
