import type { UseQueryResult } from '@tanstack/react-query';
import { rangeKey, type TimeRange, type Window } from '@/lib/range';
import { reconcileWindow } from '@/lib/reconcile';
import { getJson } from './client';
import { useOnce } from './live';
import type { Reconciliation } from './schema.gen';

export type Reconciled = { answer: Reconciliation; window: Window & { shortened: boolean } };

// Calls of a workload by metrics, in traces and in access lines. Many questions to upstreams: asked once, and again by hand.
export const useReconciliation = (namespace: string, workload: string, range: TimeRange): UseQueryResult<Reconciled> =>
  useOnce(['reconcile', namespace, workload, rangeKey(range)], async (signal) => {
    const window = reconcileWindow(range, Date.now());
    const { startMicros, endMicros } = window;
    const path = `api/namespaces/${encodeURIComponent(namespace)}/workloads/${encodeURIComponent(workload)}/reconcile`;
    return { answer: await getJson<Reconciliation>(path, { startMicros, endMicros }, signal), window };
  });
