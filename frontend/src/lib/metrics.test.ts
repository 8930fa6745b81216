import { expect, test } from 'vitest';
import type { MetricSeries } from '@/api/schema.gen';
import { figures, formatMetric, pointsOf, seriesName, stepFor, trend } from './metrics';

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
