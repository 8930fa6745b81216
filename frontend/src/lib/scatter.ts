import type { Summary } from './traceSummary';

export type Axis = 'full' | 'spans';

// µs on the value axis.
export const valueOf = (trace: Summary, axis: Axis): number => (axis === 'full' ? trace.duration : trace.spanAverage);

// Of a bubble, px: it grows with the spans of its trace up to a bound.
export const radiusOf = (spans: number): number => Math.min(30, spans + 2);
