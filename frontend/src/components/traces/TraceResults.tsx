import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { Alert, AlertActionCloseButton, Button } from '@patternfly/react-core';
import { useCompactHeatmaps, useMeasured, type HeatmapSubject } from '@/api/heatmaps';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { Empty } from '@/components/states';
import { useT } from '@/i18n';
import { coveredShare } from '@/lib/coverage';
import { wider, type Window } from '@/lib/range';
import type { Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';
import { kNewLook } from '@/lib/view';
import { SelectedTrace } from './SelectedTrace';
import { TraceScatter } from './TraceScatter';
import { TraceTable } from './TraceTable';

function Coverage({ traces, window, question }: { traces: readonly Summary[]; window: Window; question: string }) {
  const t = useT();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const percent = coveredShare(traces.map((one) => one.startTime), window);
  if (percent === undefined || dismissed === question) return null;
  return (
    <Alert
      isInline
      variant="info"
      title={t('traces.covered', { count: traces.length, percent })}
      actionClose={<AlertActionCloseButton onClose={() => setDismissed(question)} />}
      data-testid="coverage"
    />
  );
}

// Traces that were found: chart and table side by side, and the one that is chosen below. `question` echoes what was asked for;
// `limited`: the limit was reached, so that there may be older ones.
export function TraceResults({ traces, window, question, limited, filters, subject, reason }: {
  traces: readonly Summary[];
  window: Window;
  question: string;
  limited: boolean;
  filters: readonly string[]; // names in the address that narrow the search
  reason?: ReactNode; // why there may be none
  subject?: HeatmapSubject | undefined; // whose requests are held against metrics
}) {
  const t = useT();
  const { text, push, replace } = useUrlState();
  const [, setRange] = useTimeRange();
  const chosen = text('traceId');
  const axis: Axis = text('axis') === 'spans' ? 'spans' : 'full';
  const choose = (traceId: string) => push((now) => ({ ...kNewLook, traceId: now.flipped('traceId', traceId) }));
  const compacts = useCompactHeatmaps();
  const measured = useMeasured();
  const { want } = compacts;
  const stay = useCallback((traceId: string) => want([traceId]), [want]);
  const [card, setCard] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (chosen !== '') card?.scrollIntoView({ block: 'nearest' });
  }, [chosen, card]);
  return (
    <>
      {limited && <Coverage traces={traces} window={window} question={`${question} ${text('limit')}`} />}
      {traces.length === 0 ? (
        <>
          <Empty
            title={t('traces.none')}
            actions={
              <>
                <Button variant="secondary" onClick={() => setRange(wider)}>
                  {t('traces.tryWider')}
                </Button>
                <Button
                  variant="link"
                  isDisabled={filters.every((name) => text(name) === '')}
                  onClick={() => replace(Object.fromEntries(filters.map((name) => [name, null])))}
                >
                  {t('traces.tryWithout')}
                </Button>
              </>
            }
          >
            {t('traces.noneText', { query: question })}
          </Empty>
          {reason}
        </>
      ) : (
        <div className="ms-results">
          <TraceScatter
            traces={traces}
            window={window}
            axis={axis}
            chosen={chosen}
            onChoose={choose}
            compact={compacts.of}
            onStay={measured ? stay : undefined}
          />
          <TraceTable traces={traces} chosen={chosen} compacts={compacts} onChoose={choose} />
        </div>
      )}
      <div ref={setCard}>{chosen !== '' && <SelectedTrace key={chosen} traceId={chosen} among={traces} subject={subject} />}</div>
    </>
  );
}
