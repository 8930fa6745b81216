import { useEffect, useState } from 'react';
import { Alert, Button, PageSection, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import type { TraceRows } from '@/api/schema.gen';
import { onDemand } from '@/app/onDemand';
import { useUrlState } from '@/app/urlState';
import { TraceHeatmap } from '@/components/heatmap/HeatPanel';
import { useComparedSpans } from '@/components/heatmap/useComparedSpans';
import { PageHead } from '@/components/PageHead';
import { FlameView } from '@/components/traces/FlameView';
import { OneClock } from '@/components/traces/OneClock';
import { SpanFilters, useSpanFilters } from '@/components/traces/SpanFilters';
import { SpanTable } from '@/components/traces/SpanTable';
import { StatisticsView } from '@/components/traces/StatisticsView';
import { rootName, TraceFacts } from '@/components/traces/TraceFacts';
import { TraceForensics } from '@/components/traces/TraceForensics';
import { TraceJson } from '@/components/traces/TraceJson';
import { TraceLogs } from '@/components/traces/TraceLogs';
import { ChosenSpan, TraceGate, useTraceState } from '@/components/traces/TraceView';
import { useFormats, useT } from '@/i18n';
import { keeps } from '@/lib/spanFilters';
import { keepShared } from '@/lib/urls';
import { SimilarHere } from './SimilarHere';

const TraceGraph = onDemand(async () => (await import('@/components/traces/TraceGraph')).TraceGraph);

const kSeen = 160; // px of a panel that are enough to see that it is there
const kViews = ['waterfall', 'graph', 'table', 'statistics', 'flame', 'logs', 'json'] as const;
type ViewName = (typeof kViews)[number];

const viewOf = (text: string): ViewName => kViews.find((one) => one === text) ?? 'waterfall';

function ViewChoice() {
  const t = useT();
  const { text, push } = useUrlState();
  const view = viewOf(text('view'));
  return (
    <ToggleGroup aria-label={t('view.label')}>
      {kViews.map((one) => (
        <ToggleGroupItem key={one} text={t(`view.${one}`)} isSelected={view === one} onChange={() => push({ view: one === 'waterfall' ? null : one })} />
      ))}
    </ToggleGroup>
  );
}

function View({ state, trace }: { state: ReturnType<typeof useTraceState>; trace: TraceRows }) {
  const t = useT();
  const { number } = useFormats();
  const { text, push } = useUrlState();
  const { whole, spans } = state.rows;
  const [filters] = useSpanFilters();
  const view = viewOf(text('view'));
  const compared = useComparedSpans(trace.traceID, view === 'table');
  const choose = (spanId: string) => push({ spanId });
  if (view === 'waterfall') return <OneClock state={state} trace={trace} height={620} />;
  if (view === 'logs') return <TraceLogs rows={trace} onChoose={choose} />;
  if (view === 'json') return <TraceJson traceId={trace.traceID} />;
  if (view === 'graph') return <TraceGraph rows={trace} />;
  const kept = filters.length > 0 ? spans.filter((span) => keeps(filters, span)) : spans;
  return (
    <div>
      {whole && view !== 'flame' && <SpanFilters spans={spans} />}
      {!whole && <Alert isInline variant="info" title={t('view.tooLarge', { count: number(trace.total), here: number(spans.length) })} />}
      {view === 'table' && <SpanTable spans={kept} chosen={text('spanId')} compared={compared} onChoose={choose} />}
      {view === 'statistics' && <StatisticsView spans={kept} />}
      {view === 'flame' && <FlameView spans={spans} onChoose={choose} />}
    </div>
  );
}

export function TracePage() {
  const t = useT();
  const { traceId = '' } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { text, push } = useUrlState();
  const state = useTraceState(traceId);
  const rows = state.rows.query.data;
  const spanId = text('spanId');
  const [aside, sight] = useState<HTMLElement | null>(null);
  useEffect(() => {
    // Below the rows, where there is no room beside them, a chosen span would be told out of sight.
    if (spanId !== '' && aside && aside.getBoundingClientRect().top > window.innerHeight - kSeen) aside.scrollIntoView({ block: 'nearest' });
  }, [spanId, aside]);
  const root = rows ? rootName(rows) : undefined;
  const title = root ? `${root.service ? `${root.service}: ` : ''}${root.name ?? t('traces.missingRoot')}` : t('traces.name');
  const back = (
    <Button variant="primary" onClick={() => void navigate(keepShared('/traces', search))}>
      {t('traces.search')}
    </Button>
  );
  return (
    <>
      <PageHead title={title}>
        <code className="ms-id">{traceId}</code>
      </PageHead>
      <PageSection>
        <TraceGate traceId={traceId} rows={state.rows} dismiss={back}>
          {(trace) => (
            <>
              <TraceFacts rows={trace} />
              <TraceForensics traceId={traceId} />
              <TraceHeatmap traceId={traceId} />
              <SimilarHere rows={trace} />
              <div className="ms-row">
                <ViewChoice />
                <Link to={keepShared('/traces/compare', search, { a: traceId })}>{t('compare.another')}</Link>
              </div>
              <div className={spanId === '' ? '' : 'ms-beside'}>
                <View state={state} trace={trace} />
                {spanId !== '' && (
                  <aside ref={sight}>
                    <Button variant="link" isInline onClick={() => push({ spanId: null })}>
                      {t('trace.close')}
                    </Button>
                    <ChosenSpan traceId={traceId} rows={state.rows} />
                  </aside>
                )}
              </div>
            </>
          )}
        </TraceGate>
      </PageSection>
    </>
  );
}
