import { expect, test } from 'vitest';
import type { Chart, Dashboard, MetricSeries } from '@/api/schema.gen';
import { bandsOf, figures, formatMetric, joinReporters, pointsOf, seriesName, stepFor, trend } from './metrics';
import { draggedRange } from './zoom';

const series = (values: string[], more: Partial<MetricSeries> = {}): MetricSeries => ({
  labels: {}, name: 'request_count', datapoints: values.map((value, at) => [at, value]), ...more,
});

test('what is no number is a gap', () => {
  expect(pointsOf(series(['1', 'NaN', '+Inf']))).toEqual([[0, 1], [1000, null], [2000, null]]);
  expect(figures(series(['1', 'NaN', '3']))).toEqual({ min: 1, avg: 2, max: 3, last: 3 });
  expect(figures(series(['NaN']))).toBeNull();
});

test('names of series', () => {
  expect(seriesName(series([], { stat: '0.95', labels: { response_code: '200' } }), 'Request duration')).toBe('p95,200');
  expect(seriesName(series([], { stat: '0.999' }), 'Request duration')).toBe('p99.9');
  expect(seriesName(series([], { stat: 'avg' }), 'Request duration', 'source')).toBe('avg,source');
  expect(seriesName(series([]), 'Request volume')).toBe('Request volume');
});

test.each([
  [0.00596, 'seconds', '5.96ms'], [1.2345, 'seconds', '1.23s'], [0.0000072, 'seconds', '7.2µs'], [0, 'seconds', '0s'],
  [1234, 'bitrate', '1.23 kbit/s'], [0.1, 'ops', '0.1 ops'], [999, 'bytes', '999 B'], [2.5e6, 'bytes', '2.5 MB'],
] as const)('%d %s is %s', (value, unit, text) => {
  expect(formatMetric(value, unit)).toBe(text);
});

test('steps', () => {
  expect([stepFor(600, 15), stepFor(3600, 15), stepFor(86400, 15), stepFor(60, 0)]).toEqual([30, 72, 1728, 1]);
});

test('a trend', () => {
  expect(trend([[0, 1], [1, null], [2, 5]])).toEqual([[0, 1], [2, 5]]);
  expect(trend([[0, 1]])).toBeUndefined();
});

test('what both sides report: who reported it, and the area between the two of a kind', () => {
  const board = (metrics: MetricSeries[], returned: number, error = '') =>
    ({ title: '', aggregations: [], charts: [{ name: 'c', unit: 'ops', error, metrics } as unknown as Chart], meta: { returned, scanned: 1, stoppedBy: 'complete', dropped: [], warnings: [], upstream: [] } }) as unknown as Dashboard;
  const ok = { labels: { code: '200' } };
  const both = joinReporters(board([series(['3', '5', '1'], ok), series(['9'], { labels: { code: '503' } })], 2), board([series(['4', '2', 'NaN'], ok)], 1, 'failed'));
  expect(both.meta.returned).toBe(3);
  const [chart] = both.charts;
  expect(chart?.error).toBe('failed');
  expect(chart?.metrics.map((one) => [one.labels['code'], one.reporter])).toEqual([['200', 'source'], ['503', 'source'], ['200', 'destination']]);
  expect(chart && bandsOf(chart)).toEqual([{ at: 0, low: [[0, 3], [1000, 2], [2000, null]], height: [[0, 1], [1000, 3], [2000, null]] }]);
});

test('a drag is a range inside of what is looked at, either way round', () => {
  expect(draggedRange(5000.5, 2000.5, 0, 10e6)).toEqual({ kind: 'between', from: 2000, to: 5001 });
  expect(draggedRange(-50, 99_999, 1e6, 10e6)).toEqual({ kind: 'between', from: 1000, to: 10_000 });
  expect(draggedRange(2000, 2900, 0, 10e6)).toBeUndefined();
});
