import { useCallback, useMemo } from 'react';
import { Button, Label, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { Link } from 'react-router';
import { useTracingInfo } from '@/api/queries';
import type { SpanFacts, Trace } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { flagMeaning } from '@/components/logs/AccessDialog';
import { FlameView } from '@/components/traces/FlameView';
import { SpanFilters, useSpanFilters } from '@/components/traces/SpanFilters';
import { SpanPanel } from '@/components/traces/SpanPanel';
import { SpanTable } from '@/components/traces/SpanTable';
import { StatisticsView } from '@/components/traces/StatisticsView';
import { TraceWaterfall } from '@/components/traces/TraceView';
import { useFolding } from '@/components/traces/useFolding';
import { rowsLeft } from '@/components/traces/useTraceRows';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { keeps } from '@/lib/spanFilters';
import { summarize, type Summary } from '@/lib/traceSummary';
import { rowsOf, toldApart } from '@/lib/traceTree';
import { isTraceId, keepShared } from '@/lib/urls';

const kViews = ['waterfall', 'table', 'statistics', 'flame'] as const;
const nothing = () => undefined; // every span is here

function Head({ summary, spans, name }: { summary: Summary; spans: readonly SpanFacts[]; name: string }) {
  const t = useT();
  const { dateTime, number } = useFormats();
  const { search } = useUrlState();
  const asked = useTracingInfo().data?.integration === true;
  const orphans = spans.filter((span) => span.orphan).length;
  return (
    <>
      <h2 className="ms-h2">
        {summary.name ?? t('traces.missingRoot')} <code className="ms-id">{summary.traceId}</code>
      </h2>
      <div className="ms-trace-facts">
        <span>
          {t('trace.started')}: <strong>{dateTime(summary.startTime / 1000)}</strong>
        </span>
        <span>
          {t('trace.duration')}: <strong data-testid="duration">{formatDuration(summary.duration)}</strong>
        </span>
        <span title={t('trace.averageHelp')}>
          {t('traces.axisSpans')}: <strong>{formatDuration(summary.spanAverage)}</strong>
        </span>
        <Label color="blue" isCompact data-testid="span-count">
          {summary.spans === 1 ? t('trace.oneSpan') : t('trace.spanCount', { count: number(summary.spans) })}
        </Label>
        <Label color="blue" isCompact>{summary.services === 1 ? t('trace.oneApp') : t('trace.apps', { count: number(summary.services) })}</Label>
        <Label color={summary.errors > 0 ? 'red' : 'green'} isCompact data-testid="errors">
          {summary.errors === 1 ? t('trace.oneError') : t('trace.errors', { count: number(summary.errors) })}
        </Label>
        {summary.hidden > 0 && <Label color="grey" isCompact>{t('trace.hidden', { count: number(summary.hidden) })}</Label>}
        {orphans > 0 && <Label color="orange" isCompact>{t('trace.orphans', { count: number(orphans) })}</Label>}
        {asked && isTraceId(summary.traceId) && <Link to={keepShared(`/traces/${summary.traceId}`, search)}>{t('file.stored')}</Link>}
      </div>
      <p className="ms-reason">{t('file.from', { name })}</p>
    </>
  );
}

function useRows(spans: readonly SpanFacts[]) {
  const folding = useFolding();
  const [filters] = useSpanFilters();
  const left = useMemo(() => rowsLeft(spans, folding.folded, filters), [spans, folding.folded, filters]);
  const row = useCallback((at: number) => left[at], [left]);
  const kept = useMemo(() => (filters.length > 0 ? spans.filter((span) => keeps(filters, span)) : spans), [spans, filters]);
  return { state: { rows: { whole: true, spans, count: left.length, row }, folding, look: nothing }, kept };
}

// A trace as its file has it, looked at in the ways that need nobody to be asked.
export function FileTrace({ trace, name }: { trace: Trace; name: string }) {
  const t = useT();
  const { text, push } = useUrlState();
  const summary = useMemo(() => summarize(trace), [trace]);
  const told = useMemo(() => toldApart(trace), [trace]);
  const spans = useMemo(() => rowsOf(told, (flag) => flagMeaning(flag, t)), [told, t]);
  const { state, kept } = useRows(spans);
  const view = kViews.find((one) => one === text('view')) ?? 'waterfall';
  const chosen = spans.find((span) => span.spanID === text('spanId'));
  const choose = (spanId: string) => push({ spanId });
  return (
    <>
      <Head summary={summary} spans={spans} name={name} />
      <ToggleGroup aria-label={t('view.label')}>
        {kViews.map((one) => (
          <ToggleGroupItem key={one} text={t(`view.${one}`)} isSelected={view === one} onChange={() => push({ view: one === 'waterfall' ? null : one })} />
        ))}
      </ToggleGroup>
      <div className={chosen ? 'ms-beside' : undefined}>
        <div>
          {view === 'waterfall' && <TraceWaterfall state={state} trace={{ duration: summary.duration, total: spans.length }} height={620} />}
          {(view === 'table' || view === 'statistics') && <SpanFilters spans={spans} />}
          {view === 'table' && <SpanTable spans={kept} chosen={text('spanId')} onChoose={choose} />}
          {view === 'statistics' && <StatisticsView spans={kept} />}
          {view === 'flame' && <FlameView spans={spans} onChoose={choose} />}
        </div>
        {chosen && (
          <aside>
            <Button variant="link" isInline onClick={() => push({ spanId: null })}>
              {t('trace.close')}
            </Button>
            <SpanPanel span={chosen} other={undefined} traceId={trace.traceID} trace={told} missing={undefined} stored={false} onGo={choose} />
          </aside>
        )}
      </div>
    </>
  );
}
