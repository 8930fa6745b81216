import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useRefresh } from '@/app/timeRange';

// A query that is asked again at the pace that the reader has chosen. A superseded request is cancelled through the signal.
// While another question is answered, the data of the one before stays; when asking again fails, the data stays too (stale).
export function useLive<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  options: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<T, Error> {
  const refresh = useRefresh();
  return useQuery<T, Error>({
    queryKey: key,
    queryFn: ({ signal }) => ask(signal),
    enabled: options.enabled ?? true,
    refetchInterval: refresh > 0 ? refresh : false,
    ...(options.keep === false ? {} : { placeholderData: keepPreviousData }),
  });
}

// A query about something that does not change by itself.
export function useOnce<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  options: { enabled?: boolean } = {},
): UseQueryResult<T, Error> {
  return useQuery<T, Error>({
    queryKey: key,
    queryFn: ({ signal }) => ask(signal),
    enabled: options.enabled ?? true,
    staleTime: 300_000,
  });
}
