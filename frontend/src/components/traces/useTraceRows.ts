import { useMemo } from 'react';
import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { traceRows } from '@/api/queries';
import type { SpanFacts, TraceRows } from '@/api/schema.gen';
import { foldedIds, isFolded, type Folded } from '@/lib/folding';
import { visibleRows } from '@/lib/rows';
import { keeps, type SpanFilter } from '@/lib/spanFilters';

// Up to this many rows come at once and are folded here; of larger traces the server folds and gives the rows in sight.
export const kAtOnce = 10_000;
const kPage = 1000;
const kFoldedThere = 450; // ids that the server takes
const kNoFilters: readonly SpanFilter[] = [];

export type SpanRows = {
  whole: boolean; // every span is here
  spans: readonly SpanFacts[]; // those that are here
  count: number; // rows after folding
  row: (at: number) => SpanFacts | undefined; // undefined: on its way
};
export type Rows = SpanRows & { query: UseQueryResult<TraceRows> };

// Of spans that are all here: those that are kept, else those that folding leaves.
export const rowsLeft = (spans: readonly SpanFacts[], folded: Folded, filters: readonly SpanFilter[]): SpanFacts[] =>
  filters.length > 0 ? spans.filter((span) => keeps(filters, span)) : visibleRows(spans, (span) => isFolded(folded, span));

// `filters` count where every span is here: then the rows are the spans that are kept, whatever is folded.
export function useTraceRows(
  traceId: string,
  folded: Folded,
  sight: { from: number; to: number },
  filters: readonly SpanFilter[] = kNoFilters,
): Rows {
  const query = useQuery({
    queryKey: ['rows', traceId],
    queryFn: ({ signal }) => traceRows(traceId, 0, kAtOnce, [], signal),
    staleTime: 60_000,
    enabled: traceId !== '',
  });
  const first = query.data;
  const whole = first !== undefined && first.total <= first.spans.length;
  const large = first !== undefined && !whole;
  const named = useMemo(() => {
    if (!first || !large) return [];
    const ids = foldedIds(folded, first.spans);
    // Those behind the rows that are here, too.
    return [...new Set([...ids, ...(folded.all ? [] : folded.but)])].slice(0, kFoldedThere);
  }, [first, large, folded]);
  const pages: number[] = [];
  if (large) {
    for (let page = Math.floor(sight.from / kPage); page <= Math.floor(sight.to / kPage); page += 1) pages.push(page);
  }
  const found = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['rows', traceId, named, page],
      queryFn: ({ signal }: { signal: AbortSignal }) => traceRows(traceId, page * kPage, kPage, named, signal),
      staleTime: 60_000,
      placeholderData: keepPreviousData,
    })),
  });
  const local = useMemo(() => (first && whole ? rowsLeft(first.spans, folded, filters) : undefined), [first, whole, folded, filters]);
  if (local) {
    return { query, whole, spans: first?.spans ?? [], count: local.length, row: (at) => local[at] };
  }
  const told = found.find((one) => one.data !== undefined)?.data;
  return {
    query,
    whole,
    spans: first?.spans ?? [],
    count: told?.rows ?? first?.rows ?? 0,
    row: (at) => {
      const page = found[pages.indexOf(Math.floor(at / kPage))]?.data;
      if (page) return page.spans[at - page.from];
      return named.length === 0 ? first?.spans[at] : undefined;
    },
  };
}
