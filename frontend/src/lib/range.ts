// The span of time that a page looks at: the last seconds, or between two moments (ms).
export type TimeRange = { kind: 'last'; seconds: number } | { kind: 'between'; from: number; to: number };

export const kDurations = [60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000] as const;
export const kRefreshes = [0, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000] as const;
export const kDefaultRange: TimeRange = { kind: 'last', seconds: 600 };
export const kDefaultRefresh = 60_000;

const natural = (text: string | null): number | undefined =>
  text !== null && /^\d{1,16}$/.test(text) ? Number(text) : undefined;

// Out of `rangeDuration` (s) or `from` and `to` (ms); undefined when the address names none that can be used.
export function readRange(search: URLSearchParams): TimeRange | undefined {
  const from = natural(search.get('from'));
  const to = natural(search.get('to'));
  if (from !== undefined && to !== undefined && from < to) return { kind: 'between', from, to };
  const seconds = natural(search.get('rangeDuration'));
  return seconds !== undefined && seconds > 0 ? { kind: 'last', seconds } : undefined;
}

export function writeRange(search: URLSearchParams, range: TimeRange): void {
  for (const name of ['rangeDuration', 'from', 'to']) search.delete(name);
  if (range.kind === 'last') {
    search.set('rangeDuration', String(range.seconds));
  } else {
    search.set('from', String(Math.round(range.from)));
    search.set('to', String(Math.round(range.to)));
  }
}

export type Window = { startMicros: number; endMicros: number };

export function windowOf(range: TimeRange, nowMs: number): Window {
  return range.kind === 'last'
    ? { startMicros: (nowMs - range.seconds * 1000) * 1000, endMicros: nowMs * 1000 }
    : { startMicros: range.from * 1000, endMicros: range.to * 1000 };
}

export function rangeKey(range: TimeRange): string {
  return range.kind === 'last' ? `last ${range.seconds}` : `${range.from} ${range.to}`;
}

const kLongest = 86_400; // seconds that requests are counted for health at most

// The moment and the stretch of time that health is of: the end of the range, and the range. A range that ends now names no moment: the
// server may answer with what it knows already.
export const momentOf = (range: TimeRange): { queryTime?: number; rateInterval: string } => {
  const seconds = range.kind === 'last' ? range.seconds : (range.to - range.from) / 1000;
  const rateInterval = `${Math.min(kLongest, Math.max(1, Math.round(seconds)))}s`;
  return range.kind === 'last' ? { rateInterval } : { queryTime: Math.floor(range.to / 1000), rateInterval };
};

// Six times as long, with the same end.
export const wider = (range: TimeRange): TimeRange =>
  range.kind === 'last' ? { kind: 'last', seconds: range.seconds * 6 } : { ...range, from: range.from - 5 * (range.to - range.from) };
