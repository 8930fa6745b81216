import type { TraceRows } from '@/api/schema.gen';
import { ownerOf } from './spanFilters';
import type { Window } from './range';

const kAround = 900e6; // µs before and after a trace
const kSpans = 20_000; // that are looked at at most
const kMostSpans = 1000; // of the trace
const kMost = 100;
const kLeast = 20;

export type Neighbours = { namespace: string; workload: string; window: Window; limit: number };

// Among which traces one looks for those that are like this one: of the first workload that is known, around it. The larger the trace, the
// fewer are looked at. 'nobody': nothing tells whose its spans are; 'tooLarge': so many spans that others like it cannot be had.
export function neighboursOf(rows: TraceRows): Neighbours | 'nobody' | 'tooLarge' {
  if (rows.total > kMostSpans) return 'tooLarge';
  for (const span of rows.spans) {
    const { namespace, workload } = ownerOf(span);
    if (namespace === null || workload === null) continue;
    const window = { startMicros: Math.max(0, rows.startTime - kAround), endMicros: rows.startTime + rows.duration + kAround };
    return { namespace, workload, window, limit: Math.max(kLeast, Math.min(kMost, Math.floor(kSpans / rows.total))) };
  }
  return 'nobody';
}
