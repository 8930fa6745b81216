import type { EChartsCoreOption } from 'echarts/core';
import type { SpanOverlay } from '@/api/schema.gen';
import type { useColors } from '@/components/useColors';
import { bandsOf, formatMetric, pointsOf, seriesName, trend, type Reporter, type ReportedChart } from '@/lib/metrics';
import type { Window } from '@/lib/range';

// Told apart by people with colour blindness too; each has 3:1 against both themes.
const kLines = ['#3f8fd9', '#b8741a', '#2f9e7a', '#b65fb0', '#8a8f1f', '#d0604c', '#6f7fd8', '#28979f', '#a2772f', '#c2567f'] as const;
const kSpan = '#2aa198';
const kSpanBad = '#d9372c';

export type Words = { time: (ms: number) => string; trendOf: (name: string) => string; span: string; reporter: (one: Reporter) => string };

type Look = { chart: ReportedChart; window: Window; overlay: SpanOverlay | undefined; trends: boolean; large: boolean; colors: ReturnType<typeof useColors>; words: Words };

function overlaySeries(overlay: SpanOverlay, seconds: boolean): object[] {
  const yAxisIndex = seconds ? 0 : 1;
  if (overlay.buckets.length > 0) {
    return [
      {
        id: 'buckets',
        type: 'boxplot',
        yAxisIndex,
        itemStyle: { color: 'transparent', borderColor: kSpan },
        encode: { x: 0, y: [1, 2, 3, 4, 5] },
        data: overlay.buckets.map((one) => [
          (one.from + one.to) / 2000, one.min / 1e6, one.q1 / 1e6, one.median / 1e6, one.q3 / 1e6, one.max / 1e6,
        ]),
      },
    ];
  }
  return [
    {
      id: 'spans',
      type: 'scatter',
      yAxisIndex,
      symbolSize: 9,
      z: 5,
      data: overlay.points.map((one) => ({
        value: [one.time / 1000, one.duration / 1e6],
        symbol: one.error ? 'diamond' : 'circle',
        itemStyle: { color: one.error ? kSpanBad : kSpan, opacity: 0.75 },
      })),
    },
  ];
}

// Between what callers and callees report of the same.
function bandSeries(chart: ReportedChart): object[] {
  return bandsOf(chart).flatMap(({ at, low, height }) => {
    const area = { type: 'line', stack: `band${at}`, showSymbol: false, silent: true, lineStyle: { opacity: 0 }, z: 1 };
    return [
      { ...area, id: `b${at}`, data: low },
      { ...area, id: `h${at}`, data: height, areaStyle: { color: kLines[at % kLines.length], opacity: 0.25 } },
    ];
  });
}

// One chart of a dashboard: its series as lines, and spans over them. Spans have an axis of their own where the unit is no time.
export function chartOption({ chart, window, overlay, trends, large, colors, words }: Look): EChartsCoreOption {
  const text = { color: colors.text };
  const seconds = chart.unit === 'seconds';
  const split = { lineStyle: { color: colors.line } };
  const lines = chart.metrics.flatMap((series, at) => {
    const name = seriesName(series, chart.name, series.reporter && words.reporter(series.reporter));
    const data = pointsOf(series);
    const color = kLines[at % kLines.length];
    const line = { id: `l${at}`, name, type: 'line', showSymbol: data.length < 3, symbolSize: 4, data, lineStyle: { width: 1.5, color }, itemStyle: { color } };
    const ends = trends ? trend(data) : undefined;
    return ends
      ? [line, { id: `t${at}`, name: words.trendOf(name), type: 'line', showSymbol: false, data: ends, lineStyle: { type: 'dashed', width: 1, color }, itemStyle: { color } }]
      : [line];
  });
  const own = overlay !== undefined && !seconds;
  return {
    animation: false,
    textStyle: text,
    legend: { show: chart.metrics.length > 1, data: lines.map((one) => one.name), type: 'scroll', bottom: 0, textStyle: text, itemHeight: 8, pageTextStyle: text },
    grid: { left: 8, right: own ? 8 : 16, top: 16, bottom: chart.metrics.length > 1 ? 32 : 8, containLabel: true },
    xAxis: {
      type: 'time',
      min: window.startMicros / 1000,
      max: window.endMicros / 1000,
      splitNumber: large ? 10 : 3,
      axisLabel: { ...text, formatter: (value: number) => words.time(value), hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: [
      { type: 'value', min: 0, splitNumber: large ? 6 : 3, axisLabel: { ...text, formatter: (value: number) => formatMetric(value, chart.unit) }, splitLine: split },
      { type: 'value', min: 0, show: own, position: 'right', splitNumber: 3, axisLabel: { color: kSpan, formatter: (value: number) => formatMetric(value, 'seconds') }, splitLine: { show: false } },
    ],
    tooltip: {
      trigger: 'item',
      renderMode: 'richText',
      confine: true,
      backgroundColor: colors.back,
      textStyle: text,
      formatter: (point: { seriesId: string; seriesName: string; dataIndex: number; value: number[] }) => {
        const when = words.time(point.value[0] ?? 0);
        if (point.seriesId === 'spans') {
          const one = overlay?.points[point.dataIndex];
          return one ? `${words.span} ${one.operation}\n${when}: ${formatMetric(one.duration / 1e6, 'seconds')}` : '';
        }
        if (point.seriesId === 'buckets') {
          const one = overlay?.buckets[point.dataIndex];
          return one ? `${one.count} × ${words.span}\n${formatMetric(one.median / 1e6, 'seconds')} (${formatMetric(one.min / 1e6, 'seconds')} – ${formatMetric(one.max / 1e6, 'seconds')})` : '';
        }
        return `${point.seriesName}\n${when}: ${formatMetric(point.value[1] ?? 0, chart.unit)}`;
      },
    },
    series: [...bandSeries(chart), ...lines, ...(overlay ? overlaySeries(overlay, seconds) : [])],
  };
}
