import type { ReconciledEdge } from '@/api/schema.gen';
import type { TimeRange, Window } from './range';

const kLongest = 86_400e6; // µs that are counted at most
const kSettled = 60e6; // µs after which spans have arrived

// The time that calls are counted in, in whole seconds: the range, without the minute whose spans may be on their way, and the last day of a
// longer one.
export function reconcileWindow(range: TimeRange, nowMs: number): Window & { shortened: boolean } {
  const settled = nowMs * 1000 - kSettled;
  const whole = (micros: number) => Math.floor(micros / 1e6) * 1e6;
  const from = range.kind === 'last' ? settled - range.seconds * 1e6 : range.from * 1000;
  const to = range.kind === 'last' ? settled : range.to * 1000;
  const end = whole(Math.min(to, settled) > from ? Math.min(to, settled) : to);
  const start = Math.max(whole(from), end - kLongest);
  return { startMicros: Math.min(start, end - 1e6), endMicros: end, shortened: whole(from) < end - kLongest };
}

export type GapClass = ReconciledEdge['class'];
export const kGapColors: Record<GapClass, 'green' | 'blue' | 'orange' | 'grey'> = {
  none: 'green', sampling: 'blue', exporter_drops: 'orange', context_not_forwarded: 'orange', flags_without_span: 'orange', rights: 'grey', unknown: 'grey',
};

// Edges that something is wrong with come first; equals stay as the server has them.
export const troubledFirst = (edges: readonly ReconciledEdge[]): ReconciledEdge[] =>
  edges.toSorted((a, b) => Number(kGapColors[b.class] === 'orange') - Number(kGapColors[a.class] === 'orange'));
