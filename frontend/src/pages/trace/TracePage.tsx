import { Button, PageSection } from '@patternfly/react-core';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useUrlState } from '@/app/urlState';
import { TraceHeatmap } from '@/components/heatmap/HeatPanel';
import { PageHead } from '@/components/PageHead';
import { rootName, TraceFacts } from '@/components/traces/TraceFacts';
import { ChosenSpan, TraceGate, TraceWaterfall, useTraceState } from '@/components/traces/TraceView';
import { useT } from '@/i18n';
import { keepShared } from '@/lib/urls';

export function TracePage() {
  const t = useT();
  const { traceId = '' } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { text, push } = useUrlState();
  const state = useTraceState(traceId);
  const rows = state.rows.query.data;
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
              <TraceHeatmap traceId={traceId} />
              <div className={text('spanId') === '' ? '' : 'ms-beside'}>
                <TraceWaterfall state={state} trace={trace} height={620} />
                {text('spanId') !== '' && (
                  <aside>
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
