import type { Window } from './range';

// When the newest `limit` traces begin late in the range: the share of the range that they cover, in whole percent.
export function coveredShare(starts: readonly number[], window: Window): number | undefined {
  if (starts.length < 2) return undefined;
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const start of starts) {
    first = Math.min(first, start);
    last = Math.max(last, start);
  }
  const whole = window.endMicros - window.startMicros;
  if (whole <= 0 || last - first >= 0.85 * whole) return undefined;
  const covered = Math.min(last, window.endMicros) - Math.max(first, window.startMicros);
  return Math.max(0, Math.trunc((100 * covered) / whole));
}
