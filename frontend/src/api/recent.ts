import type { UseQueryResult } from '@tanstack/react-query';
import { useTimeRange } from '@/app/timeRange';
import { rangeKey, windowOf } from '@/lib/range';
import { useLive } from './live';
import { searchPage } from './queries';
import type { SearchResponse } from './schema.gen';

export const kLookedAt = 200;

// The newest traces of all services in the range, or the newest of those with errors.
export function useRecent(errors: boolean, enabled = true): UseQueryResult<SearchResponse> {
  const [range] = useTimeRange();
  return useLive(
    ['recent', rangeKey(range), errors],
    (signal) =>
      searchPage({ service: '', operation: '', tags: '', minDuration: 0, maxDuration: 0, errors, limit: kLookedAt }, windowOf(range, Date.now()), undefined, signal),
    { enabled },
  );
}
