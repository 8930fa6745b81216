import { useMemo } from 'react';
import { Alert, Button } from '@patternfly/react-core';
import { useForensics } from '@/api/forensics';
import type { TraceRows } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useFormats, useT } from '@/i18n';
import { shifted } from '@/lib/clockShift';
import { TraceWaterfall, type WaterfallOf } from './TraceView';
import type { SpanRows } from './useTraceRows';

// The waterfall, on demand as one clock would have timed it: where bars stand is moved, and nothing else of the trace.
export function OneClock({ state, trace, height }: WaterfallOf & { trace: TraceRows }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const { found } = useForensics(trace.traceID);
  const wanted = text('clocks') === 'one' && state.rows.whole;
  const { spans } = state.rows;
  const lens = useMemo(() => (wanted ? shifted(spans, found) : undefined), [wanted, spans, found]);
  const places = useMemo(() => new Map(lens?.spans.map((span) => [span.spanID, span])), [lens]);
  if (!lens) return <TraceWaterfall state={state} trace={trace} height={height} />;
  const rows: SpanRows = {
    ...state.rows,
    spans: lens.spans,
    row: (at) => {
      const span = state.rows.row(at);
      return span && (places.get(span.spanID) ?? span);
    },
  };
  return (
    <>
      <Alert
        isInline
        variant="info"
        title={t('clocks.moved', { count: number(lens.moved), host: lens.of })}
        data-testid="one-clock-note"
        actionLinks={
          <Button variant="link" isInline onClick={() => replace({ clocks: null })}>
            {t('clocks.recorded')}
          </Button>
        }
      />
      <TraceWaterfall state={{ ...state, rows }} trace={{ duration: lens.duration, total: trace.total }} height={height} />
    </>
  );
}
