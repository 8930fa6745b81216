import { useEffect, useRef } from 'react';
import { BoxplotChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useSettings } from '@/app/settings';
import { DragArea } from './DragArea';

register([CanvasRenderer, BoxplotChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent]);

export type ChartClick = { seriesId: string; dataIndex: number };

// A chart on a canvas. Tooltips are drawn on it too (`renderMode: 'richText'`): markup with styles in it is against the policy of
// the pages. What a chart says stands in a table beside it, so for people who do not see it the canvas is one picture.
// `onDrag`: the values of the x axis between which the pointer was dragged.
export function Chart({ option, label, height, onClick, onDrag, testId }: {
  option: EChartsCoreOption;
  label: string;
  height: number;
  onClick?: (click: ChartClick) => void;
  onDrag?: (from: number, to: number) => void;
  testId?: string;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const { settings } = useSettings();
  const told = useRef({ onClick });
  const dragged = useRef(false);
  useEffect(() => {
    told.current = { onClick };
  }, [onClick]);
  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    made.on('click', (event) => {
      if (event.seriesId !== undefined && !dragged.current) told.current.onClick?.({ seriesId: event.seriesId, dataIndex: event.dataIndex });
    });
    // Told at once, too: what has its size already is not drawn a second time.
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry?.contentRect ?? { width: 0, height: 0 };
      if (Math.round(width) !== made.getWidth() || Math.round(height) !== made.getHeight()) made.resize();
    });
    observer.observe(holder.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption({ useUTC: settings.utc, ...option }, { notMerge: true });
  }, [option, settings.utc]);
  const canvas = <div ref={holder} role="img" aria-label={label} style={{ height }} data-testid={testId} className="ms-chart" />;
  if (!onDrag) return canvas;
  const value = (x: number) => Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x));
  return (
    <DragArea inside={(x) => chart.current?.containPixel('grid', [x, height / 2]) ?? false} onDrag={(from, to) => onDrag(value(from), value(to))} dragged={dragged}>
      {canvas}
    </DragArea>
  );
}
