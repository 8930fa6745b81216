import { useEffect, useRef, useState, type PointerEvent } from 'react';
import { BoxplotChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useSettings } from '@/app/settings';

register([CanvasRenderer, BoxplotChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent]);

export type ChartClick = { seriesId: string; dataIndex: number };
export type ChartHover = ChartClick & { x: number; y: number };

const kDragged = 5; // px below which a drag is a click

// A chart on a canvas. Tooltips are drawn on it too (`renderMode: 'richText'`): markup with styles in it is against the policy of
// the pages. What a chart says stands in a table beside it, so for people who do not see it the canvas is one picture.
// `onDrag`: the values of the x axis between which the pointer was dragged.
export function Chart({ option, label, height, onClick, onHover, onDrag, testId }: {
  option: EChartsCoreOption;
  label: string;
  height: number;
  onClick?: (click: ChartClick) => void;
  onHover?: (hover: ChartHover | null) => void;
  onDrag?: (from: number, to: number) => void;
  testId?: string;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const { settings } = useSettings();
  const told = useRef({ onClick, onHover });
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const dragged = useRef(false);
  useEffect(() => {
    told.current = { onClick, onHover };
  }, [onClick, onHover]);
  useEffect(() => {
    if (!holder.current) return undefined;
    const made = init(holder.current);
    chart.current = made;
    made.on('click', (event) => {
      if (event.seriesId !== undefined && !dragged.current) told.current.onClick?.({ seriesId: event.seriesId, dataIndex: event.dataIndex });
    });
    let under = '';
    const leave = () => {
      if (under !== '') told.current.onHover?.(null);
      under = '';
    };
    // Not on `mouseover`: it is not told again of what was left with the canvas.
    made.on('mousemove', (event) => {
      const now = `${event.seriesId} ${event.dataIndex}`;
      if (event.seriesId === undefined || now === under) return;
      under = now;
      told.current.onHover?.({ seriesId: event.seriesId, dataIndex: event.dataIndex, x: event.event?.offsetX ?? 0, y: event.event?.offsetY ?? 0 });
    });
    made.on('mouseout', leave);
    made.on('globalout', leave);
    const observer = new ResizeObserver(() => made.resize());
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
  const place = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const value = (x: number) => Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x));
  return (
    <div
      className="ms-drag"
      onPointerDown={(event) => {
        dragged.current = false;
        if (event.button === 0 && chart.current?.containPixel('grid', [place(event), height / 2])) setDrag({ from: place(event), to: place(event) });
      }}
      onPointerMove={(event) => {
        if (!drag) return;
        if (!dragged.current && Math.abs(place(event) - drag.from) >= kDragged) {
          dragged.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
        }
        setDrag({ ...drag, to: place(event) });
      }}
      onPointerUp={() => {
        if (drag && dragged.current) onDrag(value(drag.from), value(drag.to));
        setDrag(null);
      }}
      onPointerCancel={() => setDrag(null)}
    >
      {canvas}
      {drag && dragged.current && <span className="ms-drag-mark" style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }} />}
    </div>
  );
}
