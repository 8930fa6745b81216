import { expect, test } from 'vitest';
import type { Summary } from '@/lib/traceSummary';
import { kSeries, scatterOption, splitByErrors } from './scatterOption';

const one = (traceId: string, startTime: number, more: Partial<Summary>): Summary => ({
  traceId, startTime, name: null, service: null, duration: 42_000, spanAverage: 20_000, spans: 8, errors: 0, hidden: 0, services: 5, ...more,
});
const traces = [one('a', 5e6, {}), one('d', 6e6, { errors: 2, duration: 38_000 }), one('f', 7e6, { spans: 120 })];
const colors = { text: '#1', line: '#2', back: '#3', good: '#4', goodChosen: '#5', bad: '#6', badChosen: '#7' };
const window = { startMicros: 0, endMicros: 600e6 };

type Drawn = { id: string; data: Array<{ value: number[]; itemStyle: { color?: string } }>; symbolSize: (value: number[]) => number };
const drawn = (more: object = {}) => {
  const option = scatterOption({
    series: splitByErrors(traces), shown: { good: true, bad: true }, axis: 'full', chosen: '', window, colors, time: (ms) => `at ${ms}`, ...more,
  }) as unknown as { series: Drawn[]; xAxis: { min: number; max: number; axisLabel: { formatter: (ms: number) => string } } };
  return { ...option, points: Object.fromEntries(option.series.map((series) => [series.id, series.data.map((point) => point.value.slice(0, 2))])) };
};

test('every trace is one bubble, and the axis is the range that was asked for', () => {
  const { points, xAxis } = drawn();
  expect(points).toEqual({ good: [[5000, 42_000], [7000, 42_000]], bad: [[6000, 38_000]] });
  expect([xAxis.min, xAxis.max, xAxis.axisLabel.formatter(7)]).toEqual([0, 600_000, 'at 7']);
});

test('the radius grows with the spans; a hidden series draws nothing; what is chosen looks so', () => {
  const { series } = drawn({ shown: { good: true, bad: false }, chosen: 'f' });
  expect(series.map((one) => one.id)).toEqual([...kSeries]);
  expect(series[1]?.data).toEqual([]);
  expect(series[0]?.data.map((point) => series[0]?.symbolSize(point.value))).toEqual([20, 60]);
  expect(series[0]?.data.map((point) => point.itemStyle.color)).toEqual([undefined, '#5']);
});

test('the other value axis is the mean of the spans', () => {
  expect(drawn({ axis: 'spans' }).points['good']).toEqual([[5000, 20_000], [7000, 20_000]]);
});
