import { useEffect, useRef } from 'react';
import { BoxplotChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

register([CanvasRenderer, BoxplotChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent]);

export type ChartClick = { seriesId: string; dataIndex: number };

// A chart on a canvas. Tooltips are drawn on it too (`renderMode: 'richText'`): markup with styles in it is against the policy of
// the pages. What a chart says stands in a table beside it, so for people who do not see it the canvas is one picture.
export function Chart({ option, label, height, onClick, testId }: {
  option: EChartsCoreOption;
  label: string;
  height: number;
  onClick?: (click: ChartClick) => void;
  testId?: string;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const clicked = useRef(onClick);
  useEffect(() => {
    clicked.current = onClick;
  }, [onClick]);
  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    made.on('click', (event) => {
      if (event.seriesId !== undefined) clicked.current?.({ seriesId: event.seriesId, dataIndex: event.dataIndex });
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(holder.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);
  return <div ref={holder} role="img" aria-label={label} style={{ height }} data-testid={testId} className="ms-chart" />;
}
