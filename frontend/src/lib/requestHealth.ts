import type { RequestHealth } from '@/api/schema.gen';
import type { TimeRange } from './range';

export const kDirections = ['inbound', 'outbound'] as const;

export type CodeRate = { code: string; rate: number; bad: boolean };
export type RateRow = { direction: (typeof kDirections)[number]; protocol: string; rate: number; failed: number; codes: CodeRate[] };

// Without an answer ("-"), HTTP from 500 on, any gRPC status but 0.
const isBad = (protocol: string, code: string): boolean => code === '-' || (protocol === 'grpc' ? code !== '0' : /^5\d\d$/.test(code));

// Requests per second by direction and protocol, with those that failed in percent; codes that failed first, then by how many.
export function rateRows(requests: RequestHealth): RateRow[] {
  return kDirections.flatMap((direction) =>
    Object.entries(requests[direction])
      .map(([protocol, byCode]) => {
        const codes = Object.entries(byCode)
          .map(([code, rate]) => ({ code, rate, bad: isBad(protocol, code) }))
          .filter((one) => one.rate > 0)
          .toSorted((a, b) => Number(b.bad) - Number(a.bad) || b.rate - a.rate);
        const rate = codes.reduce((sum, one) => sum + one.rate, 0);
        const bad = codes.reduce((sum, one) => sum + (one.bad ? one.rate : 0), 0);
        return { direction, protocol, rate, failed: rate === 0 ? 0 : (100 * bad) / rate, codes };
      })
      .filter((row) => row.rate > 0),
  );
}

const kDay = 86_400;

// What of the health is asked for: of how long, before which moment (seconds) where that can be chosen; a day is the most.
export function healthQuestion(range: TimeRange, dated: boolean): { rateInterval: string; queryTime?: number } {
  if (range.kind === 'last') return { rateInterval: `${Math.min(kDay, range.seconds)}s` };
  const rateInterval = `${Math.min(kDay, Math.max(1, Math.round((range.to - range.from) / 1000)))}s`;
  return dated ? { rateInterval, queryTime: Math.round(range.to / 1000) } : { rateInterval };
}
