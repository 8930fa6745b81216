import type { TimeRange } from './range';

const kLeast = 1000; // ms

// The range of time between two places of a drag, either way round, within the range that is looked at; undefined when it is too
// short to have been meant.
export function draggedRange(from: number, to: number, startMicros: number, endMicros: number): TimeRange | undefined {
  const low = Math.max(Math.min(from, to), startMicros / 1000);
  const high = Math.min(Math.max(from, to), endMicros / 1000);
  if (high - low < kLeast) return undefined;
  return { kind: 'between', from: Math.floor(low), to: Math.ceil(high) };
}
