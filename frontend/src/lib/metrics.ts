import type { Chart, Dashboard, Meta, MetricSeries } from '@/api/schema.gen';

export type Unit = Chart['unit'];
export type Point = readonly [ms: number, value: number];

export type Reporter = 'source' | 'destination';
export type ReportedSeries = MetricSeries & { reporter?: Reporter }; // where both are asked: who told of it
export type ReportedChart = Omit<Chart, 'metrics'> & { metrics: readonly ReportedSeries[] };
export type ReportedDashboard = Omit<Dashboard, 'charts'> & { charts: readonly ReportedChart[] };

// What cannot be drawn (NaN, infinite) is a gap.
export const pointsOf = (series: MetricSeries): Array<[number, number | null]> =>
  series.datapoints.map(([seconds, value]) => {
    const number = Number(value);
    return [Number(seconds) * 1000, Number.isFinite(number) ? number : null];
  });

// The name of a series in a legend: its statistic, then what it is told apart by.
export function seriesName(series: MetricSeries, chart: string, reporter?: string): string {
  const stat = series.stat === undefined ? [] : [series.stat === 'avg' ? 'avg' : `p${Math.round(Number(series.stat) * 1000) / 10}`];
  const labels = Object.values(series.labels).filter((value) => value !== '');
  const parts = [...stat, ...labels, ...(reporter === undefined ? [] : [reporter])];
  return parts.length === 0 ? chart : parts.join(',');
}

const kSteps: Record<Unit, { suffix: string; base: number; names: readonly string[] }> = {
  ops: { suffix: 'ops', base: 1000, names: ['', 'k', 'M', 'G'] },
  msgrate: { suffix: 'msg/s', base: 1000, names: ['', 'k', 'M', 'G'] },
  connrate: { suffix: 'conn/s', base: 1000, names: ['', 'k', 'M', 'G'] },
  bitrate: { suffix: 'bit/s', base: 1000, names: ['', 'k', 'M', 'G', 'T'] },
  bytes: { suffix: 'B', base: 1000, names: ['', 'k', 'M', 'G', 'T'] },
  seconds: { suffix: 's', base: 1000, names: [''] },
};

// A value with its unit, three digits that count: 5.96ms, 1.2kbit/s.
export function formatMetric(value: number, unit: Unit): string {
  if (unit === 'seconds') {
    const size = Math.abs(value);
    if (size >= 1 || size === 0) return `${digits(value)}s`;
    return size >= 1e-3 ? `${digits(value * 1e3)}ms` : `${digits(value * 1e6)}µs`;
  }
  const { suffix, base, names } = kSteps[unit];
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${digits(rest)} ${names[step] ?? ''}${suffix}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(3)));

// The step that makes about fifty points, never finer than twice the scrape interval; seconds.
export const stepFor = (seconds: number, scrape: number): number => Math.max(2 * scrape, Math.floor(seconds / 50), 1);

// The line through points that leaves the least squares; undefined with fewer than two of them.
export function trend(points: ReadonlyArray<readonly [number, number | null]>): readonly [Point, Point] | undefined {
  const known = points.filter((point): point is [number, number] => point[1] !== null);
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last || known.length < 2 || first[0] === last[0]) return undefined;
  const meanX = known.reduce((sum, point) => sum + point[0], 0) / known.length;
  const meanY = known.reduce((sum, point) => sum + point[1], 0) / known.length;
  let over = 0;
  let under = 0;
  for (const [x, y] of known) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  const at = (x: number): Point => [x, meanY + (over / under) * (x - meanX)];
  return [at(first[0]), at(last[0])];
}

// Smallest, mean, largest and last of a series; null without a value.
export function figures(series: MetricSeries): { min: number; avg: number; max: number; last: number } | null {
  const values = pointsOf(series).flatMap(([, value]) => (value === null ? [] : [value]));
  const last = values.at(-1);
  if (last === undefined) return null;
  return {
    min: values.reduce((a, b) => Math.min(a, b)),
    avg: values.reduce((a, b) => a + b, 0) / values.length,
    max: values.reduce((a, b) => Math.max(a, b)),
    last,
  };
}

const joinedMeta = (a: Meta, b: Meta): Meta => ({
  ...a,
  returned: a.returned + b.returned,
  scanned: a.scanned + b.scanned,
  stoppedBy: a.stoppedBy === 'complete' ? b.stoppedBy : a.stoppedBy,
  dropped: [...a.dropped, ...b.dropped],
  warnings: [...a.warnings, ...b.warnings],
  upstream: [...a.upstream, ...b.upstream],
});

// What callers and what callees report, in the same charts.
export function joinReporters(source: Dashboard, destination: Dashboard): ReportedDashboard {
  const marked = (chart: Chart | undefined, reporter: Reporter) => (chart?.metrics ?? []).map((series) => ({ ...series, reporter }));
  const charts = source.charts.map((chart) => {
    const other = destination.charts.find((one) => one.name === chart.name);
    const errors = new Set([chart.error, other?.error ?? ''].filter((one) => one !== ''));
    return { ...chart, error: [...errors].join('; '), metrics: [...marked(chart, 'source'), ...marked(other, 'destination')] };
  });
  return { ...source, charts, meta: joinedMeta(source.meta, destination.meta) };
}

export type Band = { low: Array<[number, number | null]>; height: Array<[number, number | null]> };

// The area between what both sides report of the same: its lower edge, and how high it is; a gap where one says nothing.
export function bandsOf(chart: ReportedChart): Array<Band & { at: number }> {
  return chart.metrics.flatMap((series, at) => {
    if (series.reporter !== 'source') return [];
    const other = chart.metrics.find((one) => one.reporter === 'destination' && seriesName(one, '') === seriesName(series, ''));
    if (!other) return [];
    const there = new Map(pointsOf(other));
    const both = pointsOf(series).map(([ms, value]) => ({ ms, value, other: there.get(ms) ?? null }));
    return [
      {
        at,
        low: both.map(({ ms, value, other: found }): [number, number | null] => [ms, value === null || found === null ? null : Math.min(value, found)]),
        height: both.map(({ ms, value, other: found }): [number, number | null] => [ms, value === null || found === null ? null : Math.abs(value - found)]),
      },
    ];
  });
}
