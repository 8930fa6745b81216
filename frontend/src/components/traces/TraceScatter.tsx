import { useMemo, useState } from 'react';
import { useColors } from '@/components/useColors';
import { Chart } from '@/components/Chart';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import type { Window } from '@/lib/range';
import { radiusOf, valueOf, type Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';

function Legend({ shown, onFlip }: { shown: { good: boolean; bad: boolean }; onFlip: (series: 'good' | 'bad') => void }) {
  const t = useT();
  return (
    <div className="ms-legend">
      {(['good', 'bad'] as const).map((series) => (
        <button key={series} type="button" aria-pressed={shown[series]} onClick={() => onFlip(series)} data-testid={`legend-${series}`}>
          <span className={`ms-dot ms-${series}`} /> {t(`traces.${series}`)}
        </button>
      ))}
    </div>
  );
}

// Traces by start and duration. A bubble is as large as its trace has spans; the axis spans the whole range that was asked for.
export function TraceScatter({ traces, window, axis, chosen, onChoose }: {
  traces: readonly Summary[];
  window: Window;
  axis: Axis;
  chosen: string;
  onChoose: (traceId: string) => void;
}) {
  const t = useT();
  const { time, dateTime } = useFormats();
  const colors = useColors();
  const [shown, setShown] = useState({ good: true, bad: true });
  const series = useMemo(
    () => ({ good: traces.filter((one) => one.errors === 0), bad: traces.filter((one) => one.errors > 0) }),
    [traces],
  );
  const option = useMemo(() => {
    const drawn = (['good', 'bad'] as const).map((id) => ({
      id,
      type: 'scatter',
      data: (shown[id] ? series[id] : []).map((one) => ({
        value: [one.startTime / 1000, valueOf(one, axis), radiusOf(one.spans)],
        itemStyle: one.traceId === chosen ? { color: colors[`${id}Chosen`], opacity: 1, borderWidth: 3, borderColor: colors.text } : {},
      })),
      symbolSize: (value: number[]) => 2 * (value[2] ?? 5),
      itemStyle: { color: colors[id], opacity: 0.75, borderColor: colors[`${id}Chosen`], borderWidth: 1 },
    }));
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
      tooltip: {
        trigger: 'item',
        renderMode: 'richText',
        backgroundColor: colors.back,
        textStyle: text,
        formatter: (point: { seriesId: string; dataIndex: number }) => {
          const one = series[point.seriesId as 'good' | 'bad'][point.dataIndex];
          if (!one) return '';
          return [
            `${one.name ?? t('traces.missingRoot')} ${one.traceId.slice(0, 7)}`,
            `${formatDuration(valueOf(one, axis))}, ${dateTime(one.startTime / 1000)}`,
            `${t('trace.spanCount', { count: one.spans })}, ${t('trace.errors', { count: one.errors })}`,
          ].join('\n');
        },
      },
      series: drawn,
    };
  }, [series, shown, axis, chosen, colors, window.startMicros, window.endMicros, time, dateTime, t]);
  return (
    <div>
      <Legend shown={shown} onFlip={(id) => setShown((before) => ({ ...before, [id]: !before[id] }))} />
      <Chart
        option={option}
        height={320}
        label={t('traces.chart')}
        testId="scatter"
        onClick={(click) => {
          const one = series[click.seriesId as 'good' | 'bad'][click.dataIndex];
          if (one) onChoose(one.traceId);
        }}
      />
    </div>
  );
}
