import { useInfiniteQuery } from '@tanstack/react-query';
import { searchPage, type SearchQuestion } from '@/api/queries';
import type { SearchResponse, TraceSummary } from '@/api/schema.gen';
import { useRefresh } from '@/app/timeRange';
import { rangeKey, windowOf, type TimeRange, type Window } from '@/lib/range';
import type { Summary } from '@/lib/traceSummary';

type Page = { answer: SearchResponse; window: Window };
type Next = { cursor: string; window: Window };

// The newest traces that match, and older ones page by page; all pages share the window of the first.
export function useSearch(question: SearchQuestion, range: TimeRange, enabled: boolean) {
  const refresh = useRefresh();
  return useInfiniteQuery({
    queryKey: ['search', rangeKey(range), question],
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const window = pageParam?.window ?? windowOf(range, Date.now());
      return { answer: await searchPage(question, window, pageParam?.cursor, signal), window };
    },
    initialPageParam: undefined as Next | undefined,
    getNextPageParam: (last): Next | undefined =>
      last.answer.cursor === null ? undefined : { cursor: last.answer.cursor, window: last.window },
    refetchInterval: (query) => (refresh > 0 && (query.state.data?.pages.length ?? 0) <= 1 ? refresh : false),
    enabled,
  });
}

export function summaryOf(found: TraceSummary): Summary {
  return {
    traceId: found.traceID,
    name: found.rootOperation,
    service: found.rootService,
    startTime: found.startTime,
    duration: found.duration,
    spanAverage: found.duration,
    spans: found.spans,
    errors: found.errors,
    hidden: found.hidden,
    services: found.services.length,
  };
}
