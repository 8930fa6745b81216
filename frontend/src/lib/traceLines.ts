import type { LogEntry, TraceRows } from '@/api/schema.gen';
import { workloadsOf, type Owner } from './traceEvents';

const kAround = 30e6; // µs before and after a trace
const kMost = 8; // workloads

export type LinesOf = { requestId: string; owners: Owner[]; all: number; since: number; until: number };

// Which lines are of a trace: those with the request id that most of its spans carry, of its workloads, around it. undefined: none carries one.
export function linesOf(rows: TraceRows): LinesOf | undefined {
  const counts = new Map<string, number>();
  for (const { request } of rows.spans) if (request.id) counts.set(request.id, (counts.get(request.id) ?? 0) + 1);
  const [requestId] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  if (requestId === undefined) return undefined;
  const owners = workloadsOf(rows.spans);
  return { requestId, owners: owners.slice(0, kMost), all: owners.length, since: rows.startTime - kAround, until: rows.startTime + rows.duration + kAround };
}

// Lines of several workloads as one list by time; those behind `until` are left out.
export const together = (lists: ReadonlyArray<readonly LogEntry[]>, until: number): LogEntry[] =>
  lists.flat().filter((entry) => entry.time <= until).toSorted((a, b) => a.time - b.time);
