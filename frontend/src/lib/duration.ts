// Durations as people read them: µs in, at most two decimals out, no space, as in 5.96ms.
export function formatDuration(micros: number): string {
  if (!Number.isFinite(micros)) return '–';
  const sign = micros < 0 ? '-' : '';
  const value = Math.abs(micros);
  if (value < 1000) return `${sign}${twoDecimals(value)}µs`;
  // What rounds to 1000 of a unit is 1 of the next.
  if (Math.round(value / 10) < 100_000) return `${sign}${twoDecimals(value / 1000)}ms`;
  if (value < 60e6) return `${sign}${twoDecimals(value / 1e6)}s`;
  const minutes = Math.floor(value / 60e6);
  return `${sign}${minutes}m ${Math.round((value - minutes * 60e6) / 1e6)}s`;
}

function twoDecimals(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const kUnits: Record<string, number> = { us: 1, µs: 1, μs: 1, ms: 1000, s: 1e6, m: 60e6, h: 3600e6 };

// "1.2s", "100ms", "500us", "1m 30s" in µs; undefined when it is no duration. A bare number is in ms.
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  if (!/^(\d+(\.\d+)?\s*(us|µs|μs|ms|s|m|h)\s*)+$/.test(trimmed)) return undefined;
  let micros = 0;
  for (const part of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(us|µs|μs|ms|s|m|h)/g)) {
    micros += Number(part[1]) * (kUnits[part[2] ?? ''] ?? 0);
  }
  return Math.round(micros);
}
