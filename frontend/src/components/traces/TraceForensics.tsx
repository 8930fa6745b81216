import { Button, Checkbox, ExpandableSection, Label, Spinner } from '@patternfly/react-core';
import { useArrivals, useForensics, type Forensics } from '@/api/forensics';
import type { TraceForensics as Answer } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { SmallTable } from '@/components/SmallTable';
import { Stale } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { isAhead, isTorn, spansWithout, type Clock, type Gap } from '@/lib/forensics';
import { kAtOnce } from './useTraceRows';

const kNamed = 3; // spans of a gap
const kSure = { certain: 'blue', likely: 'teal', possible: 'grey' } as const;

function Gaps({ gaps, onChoose }: { gaps: readonly Gap[]; onChoose: (spanId: string) => void }) {
  const t = useT();
  const { number } = useFormats();
  return (
    <SmallTable
      label={t('gaps.table')}
      testId="gaps"
      rows={gaps}
      row={(gap) => ({ key: `${gap.kind} ${gap.parent ?? ''} ${gap.spans[0]}`, 'data-testid': 'gap-row', 'data-cause': gap.cause })}
      columns={[
        {
          title: t('gaps.what'),
          cell: (gap) => (
            <>
              {t(`gaps.kind.${gap.kind}`)}
              {gap.parent && <div className="ms-id">{gap.parent}</div>}
            </>
          ),
        },
        {
          title: t('gaps.spans'),
          cell: (gap) => (
            <>
              {gap.spans.slice(0, kNamed).map((spanId) => (
                <div key={spanId}>
                  <button type="button" className="ms-link" onClick={() => onChoose(spanId)}>
                    {spanId}
                  </button>
                </div>
              ))}
              {gap.count > kNamed && <div className="ms-reason">{t('gaps.moreSpans', { count: number(gap.count - kNamed) })}</div>}
            </>
          ),
        },
        {
          title: t('gaps.cause'),
          cell: (gap) => (
            <>
              {t(`gaps.cause.${gap.cause}`)}{' '}
              <Label isCompact color={kSure[gap.certainty]}>
                {t(`explain.${gap.certainty}`)}
              </Label>
            </>
          ),
        },
        { title: t('gaps.evidence'), cell: (gap) => gap.evidence, className: 'ms-value' },
        { title: t('gaps.look'), cell: (gap) => t(`gaps.look.${gap.cause}`) },
      ]}
    />
  );
}

function Clocks({ clocks, canMove }: { clocks: readonly Clock[]; canMove: boolean }) {
  const t = useT();
  const { text, replace } = useUrlState();
  const { number } = useFormats();
  return (
    <>
      <p className="ms-reason">{t('clocks.table')}</p>
      {canMove && (
        <Checkbox id="one-clock" label={t('clocks.one')} isChecked={text('clocks') === 'one'} onChange={(_, on) => replace({ clocks: on ? 'one' : null, view: null })} />
      )}
      <SmallTable
        label={t('clocks.table')}
        testId="clocks"
        rows={clocks}
        row={(clock) => ({ key: `${clock.from} ${clock.to}`, 'data-testid': 'clock-row' })}
        columns={[
          { title: t('clocks.from'), cell: (clock) => clock.from },
          { title: t('clocks.to'), cell: (clock) => clock.to },
          {
            title: t('clocks.offset'),
            cell: (clock) => t(isAhead(clock) ? 'clocks.ahead' : 'clocks.behind', { offset: formatDuration(Math.abs(clock.offset)) }),
          },
          {
            title: t('clocks.bounds'),
            cell: (clock) => (isTorn(clock) ? t('clocks.torn') : t('reconcile.between', { low: formatDuration(clock.low), high: formatDuration(clock.high) })),
          },
          { title: t('clocks.spread'), cell: (clock) => formatDuration(clock.spread) },
          { title: t('clocks.samples'), cell: (clock) => number(clock.samples) },
        ]}
      />
    </>
  );
}

// A trace that ended a moment ago is waited for; what came is told.
function Arrivals({ waited, before }: { waited: Forensics['waited']; before: Answer }) {
  const t = useT();
  const { number } = useFormats();
  if (waited.isFetching) {
    return (
      <p role="status" className="ms-row ms-reason" data-testid="gaps-waiting">
        <Spinner size="md" aria-label={t('gaps.waiting')} /> {t('gaps.waiting')}
      </p>
    );
  }
  if (waited.error) return <p role="status" className="ms-bad-text">{t('gaps.waitFailed', { cause: waited.error.message })}</p>;
  const came = (waited.data?.spans ?? 0) - before.spans;
  return came > 0 ? <p role="status" data-testid="gaps-came">{t('gaps.came', { count: number(came) })}</p> : null;
}

// What is missing in the trace and why, and hosts whose clocks are apart. One line; what stands behind it, on demand.
export function TraceForensics({ traceId }: { traceId: string }) {
  const t = useT();
  const { number } = useFormats();
  const { flag, push, replace } = useUrlState();
  const forensics = useForensics(traceId);
  useArrivals(traceId, forensics);
  const { atOnce, waited, found } = forensics;
  const open = flag('missing');
  const retry = () => void atOnce.refetch();
  if (!atOnce.data || !found) {
    return (
      <p className="ms-reason" role="status" data-testid="gaps-coming">
        {atOnce.error ? `${t('gaps.failed')}: ${atOnce.error.message}` : t('gaps.asking')}{' '}
        {atOnce.error && (
          <Button variant="link" isInline onClick={retry}>
            {t('state.retry')}
          </Button>
        )}
      </p>
    );
  }
  const { gaps, clocks } = found;
  const said = [
    gaps.length > 0 && t('gaps.some', { gaps: number(gaps.length), spans: number(spansWithout(gaps)) }),
    clocks.length > 0 && t('gaps.clocks', { count: number(clocks.length) }),
  ].filter(Boolean);
  return (
    <section aria-label={t('gaps.title')} data-testid="forensics">
      {atOnce.error && <Stale since={atOnce.dataUpdatedAt} error={atOnce.error} retry={retry} />}
      {atOnce.data.young && <Arrivals waited={waited} before={atOnce.data} />}
      {said.length === 0 ? (
        <p className="ms-reason" data-testid="gaps-none">{t('gaps.whole')}</p>
      ) : (
        <ExpandableSection toggleText={`${t('gaps.title')}: ${said.join('; ')}`} toggleWrapper="h3" isExpanded={open} onToggle={(_, now) => replace({ missing: now ? 'true' : null })}>
          {open && gaps.length > 0 && <Gaps gaps={gaps} onChoose={(spanId) => push({ spanId })} />}
          {open && clocks.length > 0 && <Clocks clocks={clocks} canMove={found.hosts.length > 0 && found.spans <= kAtOnce} />}
          {open && partsMissing(found.meta, t).length > 0 && <MetaLine meta={found.meta} />}
        </ExpandableSection>
      )}
    </section>
  );
}
