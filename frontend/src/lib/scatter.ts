import type { Summary } from './traceSummary';

export type Axis = 'full' | 'spans';

// µs on the value axis.
export const valueOf = (trace: Summary, axis: Axis): number => (axis === 'full' ? trace.duration : trace.spanAverage);

// Of spans that took any time, µs.
export function spanAverage(spans: ReadonlyArray<{ duration: number }>): number {
  const timed = spans.filter((span) => span.duration > 0);
  return timed.length === 0 ? 0 : timed.reduce((sum, span) => sum + span.duration, 0) / timed.length;
}

// Of a bubble, px: it grows with the spans of its trace up to a bound.
export const radiusOf = (spans: number): number => Math.min(30, spans + 2);
