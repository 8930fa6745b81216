import type { UseQueryResult } from '@tanstack/react-query';
import type { BoxBy, GraphType } from '@/lib/graphView';
import { rangeKey, windowOf, type TimeRange } from '@/lib/range';
import type { Kind } from '@/lib/urls';
import { getJson, type Parameters } from './client';
import { useLive, useOnce } from './live';
import type { Graph, TraceOnGraph } from './schema.gen';

export type GraphQuestion = { namespaces: readonly string[]; graphType: GraphType; boxBy: BoxBy; services: boolean; idle: boolean };

const asked = (question: GraphQuestion): Parameters => ({
  namespaces: question.namespaces.join(','),
  graphType: question.graphType,
  boxBy: question.boxBy === 'none' ? undefined : question.boxBy,
  injectServiceNodes: question.services || undefined,
  includeIdleEdges: question.idle || undefined,
});

export function useGraph(range: TimeRange, question: GraphQuestion, enabled: boolean): UseQueryResult<Graph> {
  return useLive(
    ['graph', rangeKey(range), question],
    (signal) => {
      const { startMicros, endMicros } = windowOf(range, Date.now());
      const duration = Math.max(1, Math.round((endMicros - startMicros) / 1e6));
      return getJson<Graph>('api/namespaces/graph', { ...asked(question), duration: `${duration}s`, queryTime: Math.round(endMicros / 1e6) }, signal);
    },
    { enabled },
  );
}

// The graph of one object: whoever it exchanges traffic with. Of a service with the service between callers and workloads.
export function useObjectGraph(kind: Kind, namespace: string, name: string, range: TimeRange, enabled: boolean): UseQueryResult<Graph> {
  return useLive(
    ['objectGraph', kind, namespace, name, rangeKey(range)],
    (signal) => {
      const { startMicros, endMicros } = windowOf(range, Date.now());
      const duration = Math.max(1, Math.round((endMicros - startMicros) / 1e6));
      const path = [namespace, kind, name].map(encodeURIComponent).join('/');
      return getJson<Graph>(
        `api/namespaces/${path}/graph`,
        { ...typeOf(kind), duration: `${duration}s`, queryTime: Math.round(endMicros / 1e6) },
        signal,
      );
    },
    { enabled },
  );
}

const typeOf = (kind: Kind): Parameters =>
  kind === 'services' ? { graphType: 'workload', injectServiceNodes: true } : { graphType: kind === 'applications' ? 'app' : 'workload' };

// The same question about namespaces, for what is asked of them alone.
export const questionOf = (kind: Kind, namespaces: readonly string[]): GraphQuestion => ({
  namespaces, graphType: kind === 'applications' ? 'app' : 'workload', boxBy: 'none', services: kind === 'services', idle: false,
});

// Where a trace lies on the graph that is shown: on that one, not on the one of a moment later.
export function useTraceOnGraph(traceId: string, graph: Graph | undefined, question: GraphQuestion): UseQueryResult<TraceOnGraph> {
  return useOnce(
    ['traceOnGraph', traceId, graph?.timestamp, graph?.duration, question],
    (signal) =>
      getJson<TraceOnGraph>(
        `api/traces/${encodeURIComponent(traceId)}/graph`,
        { ...asked(question), duration: `${graph?.duration ?? 600}s`, queryTime: graph?.timestamp },
        signal,
      ),
    { enabled: traceId !== '' && graph !== undefined },
  );
}
