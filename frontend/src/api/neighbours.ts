import type { UseQueryResult } from '@tanstack/react-query';
import type { Neighbours } from '@/lib/neighbours';
import { getJson } from './client';
import { useOnce } from './live';
import type { TracesResponse } from './schema.gen';

// The traces that one is looked for similar ones among.
export const useNeighbours = ({ namespace, workload, window, limit }: Neighbours): UseQueryResult<TracesResponse> =>
  useOnce(['neighbours', namespace, workload, window, limit], (signal) =>
    getJson<TracesResponse>(`api/namespaces/${encodeURIComponent(namespace)}/workloads/${encodeURIComponent(workload)}/traces`, { ...window, limit }, signal));
