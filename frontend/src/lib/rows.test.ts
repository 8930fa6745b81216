import { expect, test } from 'vitest';
import { coveredShare } from './coverage';
import { facts } from './fixtures';
import { ancestors, barPlace, failedBelow, matches, visibleRows, wordsOf } from './rows';
import { radiusOf, spanAverage } from './scatter';
import { sortTraces } from './sortTraces';
import { changedWindow, moved, readWindow, windowText, zoomed } from './view';

const spans = [
  facts('a', null, 0, 100, { descendants: 3, children: 2 }),
  facts('b', 'a', 10, 40, { descendants: 1, children: 1 }),
  facts('c', 'b', 20, 10),
  facts('d', 'a', 60, 10, { service: 'ratings.bookinfo', status: { http: 503, httpRaw: null, noResponse: false, grpc: null, grpcRaw: null } }),
];
const ids = (folded: string[]) => visibleRows(spans, (one) => folded.includes(one.spanID)).map((one) => one.spanID);

test('what is below a folded span is not seen', () => {
  expect(ids([])).toEqual(['a', 'b', 'c', 'd']);
  expect(ids(['b'])).toEqual(['a', 'b', 'd']);
  expect(ids(['a', 'b'])).toEqual(['a']);
  expect(ancestors(spans, 'c')).toEqual(['b', 'a']);
});

test('bars stand in the window of time', () => {
  expect(barPlace(25, 50, 0, 100)).toEqual({ left: 25, width: 50 });
  expect(barPlace(25, 50, 50, 150)).toEqual({ left: 0, width: 25 });
  expect(barPlace(0, 10, 50, 100)).toBeUndefined();
  expect(barPlace(200, 10, 50, 100)).toBeUndefined();
});

test('every word has to be there', () => {
  const found = (text: string) => spans.filter((one) => matches(one, wordsOf(text))).map((one) => one.spanID);
  expect(found('RATINGS 503')).toEqual(['d']);
  expect(found('ratings 200')).toEqual([]);
  expect(found('  ')).toEqual([]);
});

test('moving and zooming stay inside of the trace', () => {
  expect(moved({ from: 0, to: 50 }, -1, 100)).toEqual({ from: 0, to: 50 });
  expect(moved({ from: 40, to: 60 }, 10, 100)).toEqual({ from: 80, to: 100 });
  expect(zoomed({ from: 0, to: 100 }, 0.5, 100)).toEqual({ from: 25, to: 75 });
  expect(zoomed({ from: 0, to: 1 }, 0.5, 100)).toEqual({ from: 0, to: 1 });
  expect(zoomed({ from: 90, to: 100 }, 4, 100)).toEqual({ from: 60, to: 100 });
});

test('the window in the address', () => {
  expect(windowText({ from: 10.4, to: 60 }, 100)).toBe('10-60');
  expect(windowText({ from: 0, to: 100 }, 100)).toBeNull();
  const closer = (text: string) => changedWindow(text, 100, (now) => zoomed(now, 0.5, 100));
  expect(closer('')).toBe('25-75');
  expect(closer('60-80')).toBe('65-75');
  expect(changedWindow('60-80', 100, (now) => zoomed(now, 9, 100))).toBeNull();
  expect(readWindow('10-60', 100)).toEqual({ from: 10, to: 60 });
  for (const wrong of ['', '60-10', '10-600', 'a-b', '-']) expect(readWindow(wrong, 100)).toEqual({ from: 0, to: 100 });
});

test('traces that begin late in the range cover a share of it', () => {
  const window = { startMicros: 0, endMicros: 1000 };
  expect(coveredShare([100, 900], window)).toBe(80);
  expect(coveredShare([50, 950], window)).toBeUndefined();
  expect(coveredShare([5], window)).toBeUndefined();
  expect(coveredShare([800, 1200], window)).toBe(20);
});

test('a bubble grows with its spans up to a bound', () => {
  expect([8, 6, 120].map(radiusOf)).toEqual([10, 8, 30]);
});

test('equals keep one order', () => {
  const one = (traceId: string, duration: number) => ({
    traceId, duration, name: null, service: null, startTime: 0, spanAverage: 0, spans: 1, errors: 0, hidden: 0, services: 1,
  });
  const sorted = (ascending: boolean) => sortTraces([one('b', 1), one('c', 2), one('a', 1)], 'duration', ascending).map((found) => found.traceId);
  expect(sorted(true)).toEqual(['a', 'b', 'c']);
  expect(sorted(false)).toEqual(['c', 'a', 'b']);
});

test('an error is known to all above it, and not to itself', () => {
  const failed = { class: 'server' as const, rule: 'http', confidence: 'high' as const };
  const spans = [facts('1', null, 0, 9), facts('2', '1', 0, 9), facts('3', '2', 0, 9, { error: failed }), facts('4', '1', 0, 9), facts('5', '3', 0, 9, { error: failed })];
  expect([...failedBelow(spans)].sort()).toEqual(['1', '2', '3']);
  expect(failedBelow([facts('1', null, 0, 9, { error: failed })]).size).toBe(0);
});

test('the mean of spans that took any time', () => {
  expect(spanAverage([{ duration: 4 }, { duration: 0 }, { duration: 8 }])).toBe(6);
  expect(spanAverage([{ duration: 0 }])).toBe(0);
});
