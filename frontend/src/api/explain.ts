import type { UseQueryResult } from '@tanstack/react-query';
import type { Window } from '@/lib/range';
import type { Kind } from '@/lib/urls';
import { apiUrl, getJson, send } from './client';
import { useOnce } from './live';
import { useApp, useService } from './queries';
import type { TracingCheck, TracingDiagnosis, TracingExplanation } from './schema.gen';

// Why a workload has no traces in that time.
export const useExplanation = (namespace: string, workload: string, window: Window): UseQueryResult<TracingExplanation> =>
  useOnce(
    ['explain', namespace, workload, window],
    (signal) => getJson<TracingExplanation>('api/tracing/explain', { namespace, workload, ...window }, signal),
    { enabled: workload !== '' },
  );

// The workload that is asked about: the subject itself, or the first one behind an application or service.
export function useWorkloadOf(kind: Kind, namespace: string, name: string): string | undefined {
  const app = useApp(namespace, name, undefined, kind === 'applications').data?.workloads[0]?.workloadName;
  const service = useService(namespace, name, undefined, kind === 'services').data?.workloads[0]?.name;
  return { workloads: name, applications: app, services: service }[kind];
}

// Looks for settings that work; asked for, as it takes seconds and calls many hosts.
export const useDiagnosis = (enabled: boolean): UseQueryResult<TracingDiagnosis> =>
  useOnce(['diagnose'], (signal) => getJson<TracingDiagnosis>('api/tracing/diagnose', {}, signal), { enabled });

export type Settings = { internalURL: string; useGRPC: boolean | undefined };

export async function checkSettings(settings: Settings): Promise<TracingCheck> {
  const response = await send(apiUrl('api/tracing/check'), {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify(settings),
  });
  return (await response.json()) as TracingCheck;
}
