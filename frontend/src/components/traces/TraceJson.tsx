import { useMemo } from 'react';
import { useWholeTrace } from '@/api/queries';
import type { Trace } from '@/api/schema.gen';
import { CopyText } from '@/components/CopyText';
import { Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { written } from '@/lib/traceJson';

function Text({ trace }: { trace: Trace }) {
  const t = useT();
  const { number } = useFormats();
  const { text, shown, lines } = useMemo(() => written(trace), [trace]);
  return (
    <>
      <div className="ms-row">
        {text !== undefined && <CopyText text={text} label={t('json.label')} />}
        {lines && <span className="ms-reason" data-testid="json-cut">{t('json.cut', { shown: number(lines.shown), count: number(lines.count) })}</span>}
        {text === undefined && <span className="ms-reason">{t('json.large', { count: number(trace.spans.length) })}</span>}
      </div>
      <pre className="ms-json" tabIndex={0} role="region" aria-label={t('json.label')} data-testid="json">
        {shown}
      </pre>
    </>
  );
}

// The trace as the API gives it, to read and to copy.
export function TraceJson({ traceId }: { traceId: string }) {
  const t = useT();
  const query = useWholeTrace(traceId, true);
  return (
    <Panel query={query} title={t('traces.oneFailed')}>
      {(answer) => <Text trace={answer.data} />}
    </Panel>
  );
}
