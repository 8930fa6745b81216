import { useEffect } from 'react';
import { useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { latest } from '@/lib/forensics';
import { getJson } from './client';
import { useOnce } from './live';
import type { TraceForensics } from './schema.gen';

const kWait = 10_000; // ms that spans of a young trace are waited for

const pathOf = (traceId: string) => `api/traces/${encodeURIComponent(traceId)}/forensics`;

export type Forensics = { atOnce: UseQueryResult<TraceForensics>; waited: UseQueryResult<TraceForensics>; found: TraceForensics | undefined };

// What is missing in a trace, and why; of a trace that ended a moment ago also what comes while it is waited for.
export function useForensics(traceId: string): Forensics {
  const atOnce = useOnce(['forensics', traceId], (signal) => getJson<TraceForensics>(pathOf(traceId), {}, signal));
  const young = atOnce.data?.young === true;
  const waited = useOnce(['forensics', traceId, 'waited'], (signal) => getJson<TraceForensics>(pathOf(traceId), { waitMs: kWait }, signal), { enabled: young });
  return { atOnce, waited, found: latest(atOnce.data, waited.data) };
}

// When spans came, what was known of the trace before is asked anew.
export function useArrivals(traceId: string, { atOnce, waited }: Forensics): void {
  const client = useQueryClient();
  const came = waited.data && atOnce.data && waited.data.spans > atOnce.data.spans ? waited.data.spans : 0;
  useEffect(() => {
    if (came === 0) return;
    for (const key of ['rows', 'trace', 'heatmap']) void client.invalidateQueries({ queryKey: [key, traceId] });
  }, [came, client, traceId]);
}
