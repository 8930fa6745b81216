import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { ScatterChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { ScatterCanvas } from '@/components/traces/ScatterCanvas';
import { radiusOf } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';

// The same bubbles, drawn by the canvas of the Traces tab and by the chart library: for ../charts.bench.ts.
register([CanvasRenderer, ScatterChart, GridComponent, TooltipComponent]);

const kWindow = { startMicros: 0, endMicros: 600_000_000 };
const kColors = { text: '#383838', line: '#d2d2d2', back: '#ffffff', good: '#b9dafc', goodChosen: '#0066cc', bad: '#fbc5c5', badChosen: '#ee0000' };

// The same each time: a generator with a fixed beginning.
function points(count: number): Summary[] {
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: count }, (_, at) => ({
    traceId: at.toString(16).padStart(32, '0'), name: 'op', service: 'details', startTime: Math.floor(next() * 600_000_000), duration: 1000 + Math.floor(next() ** 4 * 2_000_000),
    spanAverage: 1000, spans: 1 + Math.floor(next() * 40), errors: next() < 0.05 ? 1 : 0, hidden: 0, services: 3,
  }));
}

const place = () => document.querySelector('#place') as HTMLElement;
const painted = () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));

// Pointer moves over the picture; ms for each.
async function moves(target: Element): Promise<number> {
  const box = target.getBoundingClientRect();
  const from = performance.now();
  for (let at = 0; at < 100; at += 1) {
    target.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: box.left + 100 + at * 10, clientY: box.top + 60 + at * 3 }));
  }
  const took = (performance.now() - from) / 100;
  await painted();
  return took;
}

export type Drawn = { drawn: number; move: number }; // ms of script until it is drawn; ms for a move of the pointer

async function ours(count: number): Promise<Drawn> {
  const traces = points(count);
  const root = createRoot(place());
  const from = performance.now();
  flushSync(() =>
    root.render(
      <ScatterCanvas traces={traces} shown={{ good: true, bad: true }} axis="full" chosen="" window={kWindow} colors={kColors} time={String} height={400} label="traces"
        onChoose={() => {}} onHover={() => {}} onDrag={() => {}} />,
    ),
  );
  const drawn = performance.now() - from;
  await painted();
  const move = await moves(document.querySelector('[data-testid=scatter]') as Element);
  root.unmount();
  return { drawn, move };
}

async function library(count: number): Promise<Drawn> {
  const traces = points(count);
  const from = performance.now();
  const chart = init(place());
  const series = [false, true].map((bad) => ({
    type: 'scatter', itemStyle: { color: bad ? kColors.bad : kColors.good, borderColor: bad ? kColors.badChosen : kColors.goodChosen, opacity: 0.75 },
    data: traces.filter((one) => one.errors > 0 === bad).map((one) => ({ value: [one.startTime, one.duration], symbolSize: 2 * radiusOf(one.spans) })),
  }));
  chart.setOption({ animation: false, xAxis: { type: 'value' }, yAxis: { type: 'value' }, tooltip: { renderMode: 'richText' }, series });
  chart.getZr().flush();
  const drawn = performance.now() - from;
  await painted();
  const move = await moves(place().querySelector('canvas') as Element);
  chart.dispose();
  return { drawn, move };
}

Object.assign(globalThis, { charts: { ours, library } });
