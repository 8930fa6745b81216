import type { UseQueryResult } from '@tanstack/react-query';
import { momentOf, rangeKey, windowOf, type TimeRange, type Window } from '@/lib/range';
import { healthQuestion } from '@/lib/requestHealth';
import { apiKind, type Kind } from '@/lib/urls';
import { getJson, getWithMeta } from './client';
import { useLive, useOnce } from './live';
import type {
  AppDetail, AppsResponse, ComponentStatus, Config, Meta, Namespace, OperationsResponse, SearchResponse, ServiceDetail,
  ServicesListResponse, ServicesResponse, SingleTraceResponse, Status, TraceComparison, TraceRows, TracesResponse, TracingInfo, WorkloadDetail, WorkloadsResponse,
} from './schema.gen';

const path = (parts: readonly string[]): string => `api/${parts.map(encodeURIComponent).join('/')}`;

export const useConfig = (): UseQueryResult<Config> => useOnce(['config'], (signal) => getJson<Config>('api/config', {}, signal));
export const useTracingInfo = (): UseQueryResult<TracingInfo> =>
  useOnce(['tracing'], (signal) => getJson<TracingInfo>('api/tracing', {}, signal));
export const useServerStatus = (): UseQueryResult<Status> => useLive(['status'], (signal) => getJson<Status>('api/status', {}, signal));
export const useComponents = (): UseQueryResult<ComponentStatus[]> =>
  useLive(['components'], (signal) => getJson<ComponentStatus[]>('api/istio/status', {}, signal));

export type WithMeta<T> = { data: T; meta: Meta | undefined };
export const useNamespaces = (): UseQueryResult<WithMeta<Namespace[]>> =>
  useLive(['namespaces'], (signal) => getWithMeta<Namespace[], Meta>('api/namespaces', {}, signal));

// `judged`: with the health of that time.
const listed = (namespaces: readonly string[], judged: TimeRange | undefined) => ({ namespaces: namespaces.join(','), health: judged !== undefined, ...(judged && momentOf(judged)) });
const listKey = (kind: string, namespaces: readonly string[], judged: TimeRange | undefined) => [kind, namespaces, judged && rangeKey(judged)];

export const useWorkloads = (namespaces: readonly string[], judged?: TimeRange): UseQueryResult<WorkloadsResponse> =>
  useLive(listKey('workloads', namespaces, judged), (signal) => getJson('api/clusters/workloads', listed(namespaces, judged), signal));
export const useApps = (namespaces: readonly string[], judged?: TimeRange): UseQueryResult<AppsResponse> =>
  useLive(listKey('apps', namespaces, judged), (signal) => getJson('api/clusters/apps', listed(namespaces, judged), signal));
export const useServices = (namespaces: readonly string[], judged?: TimeRange): UseQueryResult<ServicesListResponse> =>
  useLive(listKey('services', namespaces, judged), (signal) => getJson('api/clusters/services', listed(namespaces, judged), signal));

// With `range` also how it is in that time; a service how it is now.
const useDetail = <T,>(kind: Kind, namespace: string, name: string, range: TimeRange | undefined, enabled: boolean): UseQueryResult<T> =>
  useLive(
    [kind, namespace, name, range && rangeKey(range)],
    (signal) => getJson<T>(path(['namespaces', namespace, apiKind(kind), name]), range ? healthQuestion(range, kind !== 'services') : { health: false }, signal),
    { enabled, keep: range !== undefined },
  );
export const useWorkload = (namespace: string, name: string, range?: TimeRange, enabled = true): UseQueryResult<WorkloadDetail> =>
  useDetail('workloads', namespace, name, range, enabled);
export const useApp = (namespace: string, name: string, range?: TimeRange, enabled = true): UseQueryResult<AppDetail> =>
  useDetail('applications', namespace, name, range, enabled);
export const useService = (namespace: string, name: string, range?: TimeRange, enabled = true): UseQueryResult<ServiceDetail> =>
  useDetail('services', namespace, name, range, enabled);

export type Windowed<T> = { answer: T; window: Window };

export type SubjectQuestion = { limit: number; errors: boolean; minDuration: number };

export function useSubjectTraces(
  kind: Kind,
  namespace: string,
  name: string,
  range: TimeRange,
  question: SubjectQuestion,
  enabled = true,
): UseQueryResult<Windowed<TracesResponse>> {
  return useLive([kind, namespace, name, 'traces', rangeKey(range), question], async (signal) => {
    const window = windowOf(range, Date.now());
    const answer = await getJson<TracesResponse>(
      path(['namespaces', namespace, apiKind(kind), name, 'traces']),
      {
        ...window,
        limit: question.limit,
        tags: question.errors ? '{"error":"true"}' : undefined,
        minDuration: question.minDuration > 0 ? question.minDuration : undefined,
      },
      signal,
    );
    return { answer, window };
  }, { enabled });
}

export type SearchQuestion = {
  service: string;
  operation: string;
  tags: string; // JSON, "" for none
  minDuration: number;
  maxDuration: number;
  errors: boolean;
  limit: number;
};

export const searchPage = (question: SearchQuestion, window: Window, cursor: string | undefined, signal: AbortSignal): Promise<SearchResponse> =>
  getJson<SearchResponse>(
    'api/traces',
    {
      ...window,
      service: question.service,
      operation: question.operation,
      tags: question.tags,
      minDuration: question.minDuration || undefined,
      maxDuration: question.maxDuration || undefined,
      errors: question.errors || undefined,
      limit: question.limit,
      cursor,
    },
    signal,
  );

export const useTracingServices = (enabled: boolean): UseQueryResult<ServicesResponse> =>
  useOnce(['tracing', 'services'], (signal) => getJson<ServicesResponse>('api/tracing/services', {}, signal), { enabled });
export const useOperations = (service: string): UseQueryResult<OperationsResponse> =>
  useOnce(
    ['tracing', 'operations', service],
    (signal) => getJson<OperationsResponse>(path(['tracing', 'services', service, 'operations']), {}, signal),
    { enabled: service !== '' },
  );

// Rows of a waterfall, from a row on.
export const traceRows = (traceId: string, from: number, count: number, collapse: readonly string[], signal: AbortSignal): Promise<TraceRows> =>
  getJson<TraceRows>(path(['traces', traceId, 'spans']), { from, count, collapse: collapse.join(',') || undefined }, signal);

// The whole trace: tags, events, processes.
export const useWholeTrace = (traceId: string, enabled: boolean): UseQueryResult<SingleTraceResponse> =>
  useOnce(['trace', traceId], (signal) => getJson<SingleTraceResponse>(path(['traces', traceId]), {}, signal), { enabled });

export const useComparison = (a: string, b: string, enabled: boolean): UseQueryResult<TraceComparison> =>
  useOnce(['compare', a, b], (signal) => getJson<TraceComparison>(path(['traces', a.trim(), 'compare', b.trim()]), {}, signal), { enabled });
