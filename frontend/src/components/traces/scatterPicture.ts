import type { Window } from '@/lib/range';
import { radiusOf, valueOf, type Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';

export const kSeries = ['good', 'bad'] as const;
export type Series = (typeof kSeries)[number];

// What the address hides: one of them, all, or nothing.
export const shownSeries = (hidden: string): Record<Series, boolean> => ({
  good: hidden !== 'good' && hidden !== 'all',
  bad: hidden !== 'bad' && hidden !== 'all',
});

export function flippedSeries(hidden: string, series: Series): 'good' | 'bad' | 'all' | null {
  const before = shownSeries(hidden);
  const { good, bad }: Record<Series, boolean> = { ...before, [series]: !before[series] };
  return good ? (bad ? null : 'bad') : bad ? 'good' : 'all';
}

export const seriesOf = (trace: Summary): Series => (trace.errors === 0 ? 'good' : 'bad');

export type Area = { left: number; top: number; right: number; bottom: number }; // px, where bubbles may stand
export type Bubble = { trace: Summary; series: Series; x: number; y: number; radius: number; chosen: boolean };
export type Tick = { at: number; value: number }; // px, and what is written there
export type Picture = { area: Area; bubbles: readonly Bubble[]; times: readonly Tick[]; values: readonly Tick[] };

const kPad = { left: 70, right: 24, top: 24, bottom: 32 };
const kPerTime = 130; // px between two times
const kPerValue = 55;
const kTimeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000]; // s

const multiples = (step: number, from: number, to: number): number[] => {
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) out.push(at);
  return out;
};

// 1, 2 or 5 times a power of ten, so that about that many steps lead to the end.
export function stepOf(end: number, count: number): number {
  const rough = end / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
}

// Traces by start and duration: the axis of time is the whole range that was asked for, that of values goes from zero beyond the longest.
// Large bubbles stand behind small ones, good ones behind bad ones, the chosen one before all.
export function pictureOf({ traces, shown, axis, chosen, window, width, height }: {
  traces: readonly Summary[];
  shown: Record<Series, boolean>;
  axis: Axis;
  chosen: string;
  window: Window;
  width: number;
  height: number;
}): Picture {
  const area = { left: kPad.left, top: kPad.top, right: Math.max(kPad.left + 1, width - kPad.right), bottom: height - kPad.bottom };
  const most = traces.reduce((top, one) => (shown[seriesOf(one)] ? Math.max(top, valueOf(one, axis)) : top), 0) || 1;
  const step = stepOf(most, (area.bottom - area.top) / kPerValue);
  const end = Math.ceil(most / step) * step;
  const span = Math.max(1, window.endMicros - window.startMicros);
  const x = (micros: number) => area.left + ((micros - window.startMicros) / span) * (area.right - area.left);
  const y = (value: number) => area.bottom - (value / end) * (area.bottom - area.top);
  const bubbles = traces
    .filter((one) => shown[seriesOf(one)])
    .map((trace) => ({
      trace,
      series: seriesOf(trace),
      x: x(trace.startTime),
      y: y(valueOf(trace, axis)),
      radius: radiusOf(trace.spans),
      chosen: trace.traceId === chosen,
    }))
    .sort((a, b) => Number(a.chosen) - Number(b.chosen) || kSeries.indexOf(a.series) - kSeries.indexOf(b.series) || b.radius - a.radius);
  const wanted = Math.max(1, (area.right - area.left) / kPerTime);
  const seconds = kTimeSteps.find((one) => span / 1e6 / one <= wanted) ?? 31_536_000;
  return {
    area,
    bubbles,
    times: multiples(seconds * 1e6, window.startMicros, window.endMicros).map((value) => ({ value: value / 1000, at: x(value) })),
    values: multiples(step, 0, end).map((value) => ({ value, at: y(value) })),
  };
}

// The bubble under the pointer: the one that is seen there.
export const bubbleAt = (picture: Picture, x: number, y: number): Bubble | undefined =>
  picture.bubbles.findLast((one) => Math.hypot(one.x - x, one.y - y) <= one.radius);

// The moment that a place stands for, ms.
export const momentAt = ({ area }: Picture, window: Window, x: number): number =>
  (window.startMicros + ((x - area.left) / (area.right - area.left)) * (window.endMicros - window.startMicros)) / 1000;
