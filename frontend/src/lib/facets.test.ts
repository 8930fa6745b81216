import { expect, test } from 'vitest';
import type { TraceSummary } from '@/api/schema.gen';
import { durationBins, failedTraces, narrowed, parseTook, serviceFacets } from './facets';
import type { Summary } from './traceSummary';

const one = (duration: number, spans = 8, errors = 0): Summary => ({
  traceId: `${duration}`, startTime: 0, name: null, service: null, duration, spanAverage: duration, spans, errors, hidden: 0, services: 1,
});
const traces = [one(4800), one(5000, 8, 1), one(24_000), one(42_000, 120), one(2_400_000)];

test('bins are 1, 2, 5, without a gap from the shortest to the longest; every trace is in one', () => {
  const bins = durationBins(traces);
  expect(bins[0]).toEqual({ from: 2000, to: 5000, traces: 1, errors: 0 });
  expect(bins[1]).toEqual({ from: 5000, to: 10_000, traces: 1, errors: 1 });
  expect(bins.at(-1)).toEqual({ from: 2_000_000, to: 5_000_000, traces: 1, errors: 0 });
  bins.slice(1).forEach((bin, at) => expect(bin.from).toBe(bins[at]?.to));
  expect(bins.reduce((sum, bin) => sum + bin.traces, 0)).toBe(traces.length);
  expect(durationBins([])).toEqual([]);
  expect(durationBins([one(0)])).toEqual([{ from: 1, to: 2, traces: 1, errors: 0 }]);
  expect(durationBins([one(1), one(9e9)]).map((bin) => bin.from)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((power) => 10 ** power));
});

test('services that fail come first; each trace counts once', () => {
  const found = (services: Array<[string, number]>): TraceSummary => ({
    traceID: 'a', rootService: null, rootOperation: null, startTime: 0, duration: 1, spans: 1, errors: 0, orphans: 0, hidden: 0,
    services: services.map(([name, errors]) => ({ name, spans: 3, errors })),
  });
  expect(serviceFacets([found([['a', 0], ['b', 2]]), found([['a', 0]]), found([['a', 0], ['c', 0]])])).toEqual([
    { name: 'b', traces: 1, errors: 1 }, { name: 'a', traces: 3, errors: 0 }, { name: 'c', traces: 1, errors: 0 },
  ]);
});

test('what was found is narrowed by duration and spans; the upper end is left out', () => {
  const of = (text: string, minSpans = 0) => narrowed(traces, { took: parseTook(text), minSpans }).map((found) => found.duration);
  expect(of('5000-24000')).toEqual([5000]);
  expect(of('', 100)).toEqual([42_000]);
  expect(of('')).toHaveLength(5);
  for (const text of ['5-5', '9-1', 'x-5', '-', '1-2-3']) expect(parseTook(text)).toBeUndefined();
});

test('the failed traces of an application go by its namespace, or by its plain name', () => {
  const facets = [{ name: 'a.book', traces: 5, errors: 2 }, { name: 'a.shop', traces: 5, errors: 1 }, { name: 'b', traces: 2, errors: 2 }];
  expect([['book', 'a'], ['shop', 'a'], ['bank', 'a'], ['book', 'b']].map(([namespace = '', app = '']) => failedTraces(facets, namespace, app))).toEqual([2, 1, 0, 2]);
});
