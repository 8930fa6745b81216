import type { TraceForensics } from '@/api/schema.gen';

export type Gap = TraceForensics['gaps'][number];
export type Clock = TraceForensics['clocks'][number];

// Spans that hang in the air, of all gaps.
export const spansWithout = (gaps: readonly Gap[]): number => gaps.reduce((sum, gap) => sum + gap.count, 0);

// What is known last: the answer that waited for spans, once it is there.
export const latest = (atOnce: TraceForensics | undefined, waited: TraceForensics | undefined): TraceForensics | undefined =>
  waited && atOnce && waited.spans >= atOnce.spans ? waited : atOnce;

// A clock that is ahead is told with a plus, µs.
export const isAhead = (clock: Clock): boolean => clock.offset > 0;

// No one offset explains all calls between the two: a clock was set while they went on, or drifts.
export const isTorn = (clock: Clock): boolean => clock.low > clock.high;
