import type { UseQueryResult } from '@tanstack/react-query';
import type { BoxBy, GraphType } from '@/lib/graphView';
import { rangeKey, windowOf, type TimeRange } from '@/lib/range';
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
