import { useMemo } from 'react';
import { useHeatmap, useMeasured, type Compact } from '@/api/heatmaps';
import { useUrlState } from '@/app/urlState';
import { compactOf } from '@/lib/heatmap';

export type Compared = (spanId: string) => Compact | null | undefined; // undefined: on its way; null: could not be had

// How each span of a trace stands against metrics, out of the matrix of the trace; undefined where nothing is measured.
export function useComparedSpans(traceId: string, wanted: boolean): Compared | undefined {
  const { text } = useUrlState();
  const asked = useMeasured() && wanted;
  const { data, error } = useHeatmap(asked ? traceId : '', undefined, text('heatAt') === 'now' ? 'now' : 'trace');
  return useMemo(() => {
    if (!asked) return undefined;
    const known = new Map(data?.spans.map((span) => [span.spanID, compactOf(data.intervals, data.stats, span.cells)]));
    return (spanId) => (data || error ? (known.get(spanId) ?? null) : undefined);
  }, [asked, data, error]);
}
