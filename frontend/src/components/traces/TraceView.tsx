import { useCallback, useMemo, useState } from 'react';
import { Button } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';
import type { HeatmapSubject } from '@/api/heatmaps';
import { useWholeTrace } from '@/api/queries';
import type { TraceRows } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { SpanHeatmap } from '@/components/heatmap/HeatPanel';
import { Empty, Failure, Loading, Stale } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { changedWindow, readWindow } from '@/lib/view';
import { SpanFilters, useSpanFilters } from './SpanFilters';
import { SpanPanel } from './SpanPanel';
import { useFolding, type Folding } from './useFolding';
import { useTraceRows, type Rows, type SpanRows } from './useTraceRows';
import { Waterfall } from './Waterfall';

const kNoSight = { from: 0, to: 0 };

// The rows of a trace with all that the address says of how they are looked at.
export function useTraceState(traceId: string) {
  const folding = useFolding();
  const [sight, setSight] = useState(kNoSight);
  const [filters] = useSpanFilters();
  const rows = useTraceRows(traceId, folding.folded, sight, filters);
  const look = useCallback((from: number, to: number) => {
    setSight((before) => (before.from === from && before.to === to ? before : { from, to }));
  }, []);
  return { rows, folding, look };
}

export type WaterfallOf = {
  state: { rows: SpanRows; folding: Folding; look: (from: number, to: number) => void };
  trace: Pick<TraceRows, 'duration' | 'total'>;
  height: number;
};

export function TraceWaterfall({ state, trace, height }: WaterfallOf) {
  const { text, flag, push, replace } = useUrlState();
  const choose = useCallback((spanId: string) => push({ spanId }), [push]);
  const t = useT();
  const { number } = useFormats();
  const [, filter] = useSpanFilters();
  const windowed = text('window');
  const view = useMemo(() => readWindow(windowed, trace.duration), [windowed, trace.duration]);
  const filters = state.rows.whole && <SpanFilters spans={state.rows.spans} />;
  return (
    <>
      {state.rows.whole && state.rows.count === 0 ? (
        <>
          {filters}
          <Empty
            title={t('filter.none')}
            actions={
              <Button variant="secondary" onClick={() => filter(() => [])}>
                {t('filter.clear')}
              </Button>
            }
          >
            {t('filter.noneText', { count: number(trace.total) })}
          </Empty>
        </>
      ) : (
        <Waterfall
          rows={state.rows}
          folding={state.folding}
          duration={trace.duration}
          view={view}
          chosen={text('spanId')}
          find={text('find')}
          critical={flag('critical')}
          lead={filters}
          height={height}
          onView={(change) => replace((now) => ({ window: changedWindow(now.text('window'), trace.duration, change) }))}
          onChoose={choose}
          onStep={(next) => push((now) => ({ spanId: next(now.text('spanId')) }))}
          onFind={(find) => replace({ find })}
          onCritical={(on) => replace({ critical: on ? 'true' : null })}
          onSight={state.look}
        />
      )}
    </>
  );
}

// What is known of the span that the address names.
export function ChosenSpan({ traceId, rows, subject }: { traceId: string; rows: Rows; subject?: HeatmapSubject | undefined }) {
  const t = useT();
  const { text, push } = useUrlState();
  const spanId = text('spanId');
  const span = rows.spans.find((one) => one.spanID === spanId) ?? rowOf(rows, spanId);
  const whole = useWholeTrace(traceId, span !== undefined);
  if (!span) return <p className="ms-panel">{t('trace.noSpan')}</p>;
  return (
    <>
      {whole.error && whole.data && <Stale since={whole.dataUpdatedAt} error={whole.error} retry={() => void whole.refetch()} />}
      <SpanPanel
        span={span}
        other={rows.spans.find((one) => one.spanID === span.pair?.spanID)}
        traceId={traceId}
        trace={whole.data?.data}
        missing={whole.error && !whole.data ? <Failure title={t('span.tagsFailed')} error={whole.error} retry={() => void whole.refetch()} /> : undefined}
        onGo={(id) => push({ spanId: id })}
      >
        <SpanHeatmap traceId={traceId} spanId={span.spanID} subject={subject} />
      </SpanPanel>
    </>
  );
}

function rowOf(rows: Rows, spanId: string) {
  if (spanId === '' || rows.whole) return undefined;
  for (let at = 0; at < rows.count; at += 1) {
    const row = rows.row(at);
    if (row?.spanID === spanId) return row;
  }
  return undefined;
}

// Loading, not found, failed, or the trace.
export function TraceGate({ traceId, rows, children, dismiss }: {
  traceId: string;
  rows: Rows;
  children: (trace: TraceRows) => React.ReactNode;
  dismiss?: React.ReactNode;
}) {
  const t = useT();
  const client = useQueryClient();
  const { query } = rows;
  const retry = () => void client.refetchQueries({ queryKey: ['rows', traceId] });
  if (query.data) {
    return (
      <>
        {query.error && <Stale since={query.dataUpdatedAt} error={query.error} retry={retry} />}
        {children(query.data)}
      </>
    );
  }
  if (!query.error) return <Loading />;
  if (query.error instanceof ApiError && (query.error.status === 404 || query.error.status === 400)) {
    return (
      <Empty title={t('trace.notFound')} actions={dismiss}>
        {t('trace.notFoundText', { id: traceId })}
      </Empty>
    );
  }
  return <Failure title={t('traces.oneFailed')} error={query.error} retry={retry} />;
}
