import { Button, Card, CardBody, CardHeader, CardTitle, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { Link, useSearchParams } from 'react-router';
import type { HeatmapSubject } from '@/api/heatmaps';
import { useUrlState } from '@/app/urlState';
import { TraceHeatmap } from '@/components/heatmap/HeatPanel';
import { useT } from '@/i18n';
import type { Summary } from '@/lib/traceSummary';
import { keepShared } from '@/lib/urls';
import { kNewLook } from '@/lib/view';
import { SimilarTo } from './SimilarTo';
import { rootName, TraceFacts } from './TraceFacts';
import { ChosenSpan, TraceGate, TraceWaterfall, useTraceState } from './TraceView';

// Takes the trace as the first of two; at another trace, leads to what makes the two differ.
function CompareWith({ traceId }: { traceId: string }) {
  const t = useT();
  const { search, text, replace } = useUrlState();
  const first = text('compare');
  if (first === '' || first === traceId) {
    return (
      <Button variant="link" isInline aria-pressed={first === traceId} onClick={() => replace((now) => ({ compare: now.flipped('compare', traceId) }))} data-testid="compare-mark">
        {t('compare.mark')}
      </Button>
    );
  }
  return <Link to={keepShared('/traces/compare', search, { a: first, b: traceId })}>{t('compare.with', { id: first.slice(0, 7) })}</Link>;
}

// What its own page shows of it as it is shown here.
const sameLook = (search: URLSearchParams): Record<string, string> =>
  Object.fromEntries(['spanId', 'window', 'folded', 'find', 'critical'].map((name) => [name, search.get(name) ?? '']));

// The trace that was chosen in a chart or a table: its details, and those of one of its spans. `among`: what was found with it.
export function SelectedTrace({ traceId, among, subject }: { traceId: string; among: readonly Summary[]; subject?: HeatmapSubject | undefined }) {
  const t = useT();
  const [search] = useSearchParams();
  const { text, push, replace } = useUrlState();
  const state = useTraceState(traceId);
  const spanId = text('spanId');
  const tab = text('traceTab', spanId === '' ? 'trace' : 'span');
  const rows = state.rows.query.data;
  const close = (
    <Button variant="link" onClick={() => push({ ...kNewLook, traceId: null, traceTab: null })} data-testid="close-trace">
      {t('trace.close')}
    </Button>
  );
  return (
    <Card isCompact data-testid="selected-trace">
      <CardHeader actions={{ actions: close, hasNoOffset: true }}>
        <CardTitle component="h2">
          {rows ? (rootName(rows).name ?? t('traces.missingRoot')) : t('traces.name')} <code className="ms-id">{traceId}</code>
          <span className="ms-row ms-card-links">
            <Link to={keepShared(`/traces/${traceId}`, search, sameLook(search))}>{t('trace.openPage')}</Link>
            <CompareWith traceId={traceId} />
          </span>
        </CardTitle>
      </CardHeader>
      <CardBody>
        <TraceGate traceId={traceId} rows={state.rows} dismiss={close}>
          {(trace) => (
            <Tabs activeKey={tab} onSelect={(_, key) => replace({ traceTab: String(key) })} aria-label={t('traces.name')}>
              <Tab eventKey="trace" title={<TabTitleText>{t('trace.tabTrace')}</TabTitleText>}>
                <TraceFacts rows={trace} />
                {tab === 'trace' && (
                  <>
                    <TraceHeatmap traceId={traceId} subject={subject} />
                    {state.rows.whole && <SimilarTo traceId={traceId} among={among} onChoose={(id) => push({ ...kNewLook, traceId: id })} />}
                    <TraceWaterfall state={state} trace={trace} height={360} />
                  </>
                )}
              </Tab>
              <Tab eventKey="span" title={<TabTitleText>{t('trace.tabSpan')}</TabTitleText>}>
                {tab === 'span' && (
                  <div className="ms-beside">
                    <TraceWaterfall state={state} trace={trace} height={360} />
                    <ChosenSpan traceId={traceId} rows={state.rows} subject={subject} />
                  </div>
                )}
              </Tab>
            </Tabs>
          )}
        </TraceGate>
      </CardBody>
    </Card>
  );
}
