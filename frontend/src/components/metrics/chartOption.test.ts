import { expect, test } from 'vitest';
import type { Meta, SpanOverlay } from '@/api/schema.gen';
import type { ReportedChart, ReportedSeries } from '@/lib/metrics';
import { chartOption } from './chartOption';

const series = (values: string[], more: Partial<ReportedSeries> = {}): ReportedSeries => ({
  labels: {}, name: 'request_duration_millis', datapoints: values.map((value, at) => [at, value]), ...more,
});
const chartOf = (unit: string, metrics: ReportedSeries[]): ReportedChart => ({ name: 'Request duration', unit, spans: 3, chartType: 'line', min: 0, xAxis: 'time', error: '', startCollapsed: false, metrics }) as unknown as ReportedChart;
const none: SpanOverlay = { points: [], buckets: [], meta: {} as Meta };
const colors = { text: '#000', line: '#111', back: '#fff', good: '', goodChosen: '', bad: '', badChosen: '' } as Parameters<typeof chartOption>[0]['colors'];
const words = { time: (ms: number) => `at ${ms}`, trendOf: (name: string) => `trend of ${name}`, span: 'span', reporter: (one: string) => one };

type Drawn = { id: string; type: string; yAxisIndex?: number; data: unknown[]; stack?: string };
type Option = { series: Drawn[]; yAxis: Array<{ show?: boolean }>; tooltip: { formatter: (point: object) => string } };
const optionOf = (chart: ReportedChart, overlay?: SpanOverlay, trends = false): Option =>
  chartOption({ chart, window: { startMicros: 0, endMicros: 60_000_000 }, overlay, trends, large: false, colors, words }) as unknown as Option;
const find = (option: Option, id: string) => option.series.find((one) => one.id === id);

const overlay: SpanOverlay = {
  ...none,
  points: [
    { time: 12_000_000, duration: 5960, traceID: 'c7', spanID: '1', error: false, operation: 'details' },
    { time: 13_000_000, duration: 100, traceID: 'd1', spanID: '2', error: true, operation: 'ratings' },
  ],
};

test('52: a span stands at its start, in ms, and as high as it took, in seconds; one that failed is a red diamond', () => {
  const option = optionOf(chartOf('seconds', [series(['0.01'])]), overlay);
  expect(find(option, 'spans')?.data).toMatchObject([
    { value: [12_000, 0.00596], symbol: 'circle', itemStyle: { color: '#2aa198' } },
    { value: [13_000, 0.0001], symbol: 'diamond', itemStyle: { color: '#d9372c' } },
  ]);
  expect(find(option, 'spans')?.yAxisIndex).toBe(0);
  expect(option.yAxis[1]?.show).toBe(false);
  expect(option.tooltip.formatter({ seriesId: 'spans', dataIndex: 0, value: [12_000, 0.00596] })).toBe('span details\nat 12000: 5.96ms');
});

test('52: where the chart is about no time, spans have an axis of their own', () => {
  const option = optionOf(chartOf('ops', [series(['3'])]), overlay);
  expect(find(option, 'spans')?.yAxisIndex).toBe(1);
  expect(option.yAxis[1]?.show).toBe(true);
  expect(optionOf(chartOf('ops', [series(['3'])])).yAxis[1]?.show).toBe(false);
});

test('54: boxes stand in the middle of their time, lowest, quartiles and highest in seconds', () => {
  const bucket = { from: 10_000_000, to: 20_000_000, count: 7, min: 1000, q1: 2000, median: 3000, q3: 4000, max: 9000, avg: 3100 };
  const option = optionOf(chartOf('seconds', [series(['0.01'])]), { ...none, buckets: [bucket] });
  expect(find(option, 'buckets')).toMatchObject({ type: 'boxplot', data: [[15_000, 0.001, 0.002, 0.003, 0.004, 0.009]] });
  expect(option.tooltip.formatter({ seriesId: 'buckets', dataIndex: 0, value: [15_000] })).toBe('7 × span\n3ms (1ms – 9ms)');
});

test('55: between what both sides report is an area: its lower edge, and how high it is, stacked', () => {
  const option = optionOf(chartOf('seconds', [series(['5', '7'], { reporter: 'source' }), series(['3', '8'], { reporter: 'destination' })]));
  expect(find(option, 'b0')?.data).toEqual([[0, 3], [1000, 7]]);
  expect(find(option, 'h0')).toMatchObject({ data: [[0, 2], [1000, 1]], areaStyle: { color: '#3f8fd9', opacity: 0.25 } });
  expect(find(option, 'b0')?.stack).toBe(find(option, 'h0')?.stack);
  expect(option.series.filter((one) => one.id.startsWith('l'))).toHaveLength(2);
});

test('a trend is a dashed line of the colour of its series', () => {
  const option = optionOf(chartOf('ops', [series(['1', '2', '3'])]), undefined, true);
  expect(find(option, 't0')).toMatchObject({ lineStyle: { type: 'dashed', color: '#3f8fd9' } });
  expect(find(optionOf(chartOf('ops', [series(['1', '2', '3'])])), 't0')).toBeUndefined();
});
