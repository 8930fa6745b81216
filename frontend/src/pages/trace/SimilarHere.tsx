import { useMemo } from 'react';
import { ExpandableSection } from '@patternfly/react-core';
import { useNavigate } from 'react-router';
import { useNeighbours } from '@/api/neighbours';
import type { TraceRows } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { Panel } from '@/components/states';
import { SimilarTo } from '@/components/traces/SimilarTo';
import { useFormats, useT } from '@/i18n';
import { neighboursOf, type Neighbours } from '@/lib/neighbours';
import { summarize } from '@/lib/traceSummary';
import { keepShared } from '@/lib/urls';

function Among({ traceId, of }: { traceId: string; of: Neighbours }) {
  const t = useT();
  const { search } = useUrlState();
  const navigate = useNavigate();
  const query = useNeighbours(of);
  const found = query.data?.data;
  const traces = useMemo(() => (found ?? []).map(summarize), [found]);
  return (
    <>
      <p className="ms-reason">{t('similar.among', { workload: of.workload })}</p>
      <Panel query={query} title={t('similar.failed')}>
        {({ meta }) => (
          <>
            <MetaLine meta={meta} />
            {traces.length === 0 ? (
              <p className="ms-reason">{t('similar.none')}</p>
            ) : (
              <SimilarTo traceId={traceId} among={traces} onChoose={(id) => void navigate(keepShared(`/traces/${id}`, search, { similar: 'true' }))} />
            )}
          </>
        )}
      </Panel>
    </>
  );
}

// Traces of the same workload around this one that are like it; asked for when they are wanted.
export function SimilarHere({ rows }: { rows: TraceRows }) {
  const t = useT();
  const { number } = useFormats();
  const { flag, replace } = useUrlState();
  const open = flag('similar');
  const of = useMemo(() => neighboursOf(rows), [rows]);
  return (
    <ExpandableSection toggleText={t('similar.title')} isExpanded={open} onToggle={(_, now) => replace({ similar: now ? 'true' : null })} data-testid="similar-here">
      {open && of === 'nobody' && <p className="ms-reason">{t('similar.nobody')}</p>}
      {open && of === 'tooLarge' && <p className="ms-reason">{t('similar.tooLarge', { count: number(rows.total) })}</p>}
      {open && typeof of === 'object' && <Among traceId={rows.traceID} of={of} />}
    </ExpandableSection>
  );
}
