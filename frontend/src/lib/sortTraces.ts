import type { Summary } from './traceSummary';

type SortBy = 'name' | 'start' | 'duration' | 'spans' | 'errors';

const kValues: Record<SortBy, (trace: Summary) => number | string> = {
  name: (trace) => trace.name ?? '',
  start: (trace) => trace.startTime,
  duration: (trace) => trace.duration,
  spans: (trace) => trace.spans,
  errors: (trace) => trace.errors,
};

// A sorted copy; equals by id, so that the order is the same at each refresh.
export function sortTraces(traces: readonly Summary[], by: SortBy, ascending: boolean): Summary[] {
  const value = kValues[by];
  const sign = ascending ? 1 : -1;
  return [...traces].sort((a, b) => {
    const left = value(a);
    const right = value(b);
    if (left === right) return a.traceId < b.traceId ? -1 : 1;
    return left < right ? -sign : sign;
  });
}
