import type { EChartsCoreOption } from 'echarts/core';
import type { useColors } from '@/components/useColors';
import { formatDuration } from '@/lib/duration';
import type { Window } from '@/lib/range';
import { radiusOf, valueOf, type Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';

export const kSeries = ['good', 'bad'] as const;
export type Series = (typeof kSeries)[number];

export const splitByErrors = (traces: readonly Summary[]): Record<Series, Summary[]> => ({
  good: traces.filter((one) => one.errors === 0),
  bad: traces.filter((one) => one.errors > 0),
});

type Look = {
  series: Record<Series, readonly Summary[]>;
  shown: Record<Series, boolean>;
  axis: Axis;
  chosen: string;
  window: Window;
  colors: ReturnType<typeof useColors>;
  time: (ms: number) => string;
};

// Traces by start and duration; the axis of time is the whole range that was asked for.
export function scatterOption({ series, shown, axis, chosen, window, colors, time }: Look): EChartsCoreOption {
  const text = { color: colors.text };
  return {
    animation: false,
    textStyle: text,
    grid: { left: 70, right: 24, top: 24, bottom: 32 },
    xAxis: {
      type: 'time',
      min: window.startMicros / 1000,
      max: window.endMicros / 1000,
      axisLabel: { ...text, formatter: (value: number) => time(value), hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: 'value',
      min: 0,
      axisLabel: { ...text, formatter: (value: number) => formatDuration(value) },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: kSeries.map((id) => ({
      id,
      type: 'scatter',
      data: (shown[id] ? series[id] : []).map((one) => ({
        value: [one.startTime / 1000, valueOf(one, axis), radiusOf(one.spans)],
        itemStyle: one.traceId === chosen ? { color: colors[`${id}Chosen`], opacity: 1, borderWidth: 3, borderColor: colors.text } : {},
      })),
      symbolSize: (value: number[]) => 2 * (value[2] ?? 5),
      itemStyle: { color: colors[id], opacity: 0.75, borderColor: colors[`${id}Chosen`], borderWidth: 1 },
    })),
  };
}
