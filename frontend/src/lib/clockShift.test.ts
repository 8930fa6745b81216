import { expect, test } from 'vitest';
import type { TraceForensics } from '@/api/schema.gen';
import { shifted } from './clockShift';
import { facts } from './fixtures';

const clock = (from: string, to: string, offset: number) => ({ from, to, offset, low: offset - 5, high: offset + 5, spread: 1, samples: 2 });
const found = (clocks: TraceForensics['clocks'], hosts: Record<string, string[]>): TraceForensics =>
  ({ traceID: '2a', spans: 4, reads: 1, arrived: 0, young: false, gaps: [], clocks, hosts: Object.entries(hosts).map(([name, spans]) => ({ name, spans })), meta: {} }) as unknown as TraceForensics;

// A call from a to b, whose clock is 80 late: its span seems to be before its caller's.
const kSpans = [facts('1', null, 1000, 100), facts('2', '1', 940, 60, { relativeStart: 0 }), facts('3', null, 1010, 5)];

test('the spans of a clock that is late are put where one clock would have them; the first span’s clock counts', () => {
  const out = shifted(kSpans, found([clock('a', 'b', -80)], { a: ['1'], b: ['2'] }));
  expect(out?.spans.map((span) => [span.spanID, span.startTime, span.relativeStart])).toEqual([['1', 1000, 0], ['2', 1020, 20], ['3', 1010, 10]]);
  expect([out?.duration, out?.moved, out?.of]).toEqual([100, 1, 'a']);
  expect(kSpans[1]?.startTime).toBe(940); // what was there stays
});

test('hosts that are apart of others that are: along the pairs that are known', () => {
  const chain = found([clock('a', 'b', 50), clock('b', 'c', 25)], { a: ['1'], b: ['2'], c: ['3'] });
  expect(shifted(kSpans, chain)?.spans.map((span) => span.startTime)).toEqual([1000, 890, 935]);
  // The first span's host is not among them: that which timed most spans counts.
  const others = found([clock('b', 'c', 30)], { b: ['2'], c: ['3', '4'] });
  expect(shifted(kSpans, others)).toMatchObject({ of: 'c', moved: 1 });
  expect(shifted(kSpans, others)?.spans[1]?.startTime).toBe(970);
});

test('nothing to move: clocks that agree, hosts that are not told, spans that are not here', () => {
  expect(shifted(kSpans, undefined)).toBeUndefined();
  expect(shifted(kSpans, found([], {}))).toBeUndefined();
  expect(shifted(kSpans, found([clock('a', 'b', 9)], {}))).toBeUndefined();
  expect(shifted(kSpans, found([clock('a', 'b', 9)], { a: ['1'], b: ['77'] }))).toBeUndefined();
});
