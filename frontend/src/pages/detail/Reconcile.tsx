import { Button, ExpandableSection, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useReconciliation, type Reconciled } from '@/api/reconcile';
import type { ReconciledEdge } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { Empty, Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT } from '@/i18n';
import { kGapColors, troubledFirst } from '@/lib/reconcile';

type Whose = { namespace: string; name: string };

function Peer({ peer }: { peer: ReconciledEdge['peer'] }) {
  const t = useT();
  if (peer.namespace && peer.workload) return <SubjectLink kind="workloads" namespace={peer.namespace} name={peer.workload} tab="traffic" />;
  return <>{peer.services.map((one) => one.name).join(', ') || peer.workload || t('reconcile.stranger')}</>;
}

// A count, and how many of it failed.
function Count({ all, failed, digits = 0 }: { all: number; failed: number; digits?: number }) {
  const t = useT();
  const { number } = useFormats();
  return (
    <>
      {number(all, digits)}
      {failed > 0 && <div className="ms-bad-text">{t('reconcile.failedCalls', { count: number(failed, digits) })}</div>}
    </>
  );
}

function Edges({ edges }: { edges: readonly ReconciledEdge[] }) {
  const t = useT();
  const { number } = useFormats();
  return (
    <div className="ms-wide">
      <Table aria-label={t('reconcile.title')} variant="compact" gridBreakPoint="" className="ms-dense" data-testid="reconciled">
        <Thead>
          <Tr>
            <Th>{t('health.requests')}</Th>
            <Th>{t('reconcile.peer')}</Th>
            <Th modifier="wrap">{t('reconcile.requests')}</Th>
            <Th modifier="wrap">{t('reconcile.expected')}</Th>
            <Th modifier="wrap">{t('reconcile.found')}</Th>
            <Th modifier="wrap">{t('reconcile.lines')}</Th>
            <Th width={40}>{t('reconcile.verdict')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {troubledFirst(edges).map((edge) => (
            <Tr key={JSON.stringify([edge.direction, edge.peer])} data-testid="reconciled-edge" data-class={edge.class}>
              <Td dataLabel={t('health.requests')}>{t(`graph.${edge.direction}`)}</Td>
              <Td dataLabel={t('reconcile.peer')}>
                <Peer peer={edge.peer} />
              </Td>
              <Td dataLabel={t('reconcile.requests')}>
                <Count all={edge.requests} failed={edge.errors} digits={1} />
              </Td>
              <Td dataLabel={t('reconcile.expected')}>
                {number(edge.expected.calls, 1)}
                <div className="ms-reason">{t('reconcile.between', { low: number(edge.expected.low), high: number(edge.expected.high) })}</div>
              </Td>
              <Td dataLabel={t('reconcile.found')} data-testid="reconciled-found">
                {edge.found ? <Count all={edge.found.calls} failed={edge.found.errors} /> : t('reconcile.notSearched')}
              </Td>
              <Td dataLabel={t('reconcile.lines')}>{edge.lines && <Count all={edge.lines.count} failed={edge.lines.errors} />}</Td>
              <Td dataLabel={t('reconcile.verdict')}>
                <Label isCompact color={kGapColors[edge.class]}>
                  {t(`reconcile.class.${edge.class}`)}
                </Label>
                {edge.reasons.map((one) => (
                  <div key={`${one.class} ${one.summary}`} className="ms-reason">
                    {one.summary}
                  </div>
                ))}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Found({ name, data: { answer, window }, again }: { name: string; data: Reconciled; again: () => void }) {
  const t = useT();
  const { number, dateTime } = useFormats();
  const { basis, percent, low, high } = answer.sampling;
  const between = { from: dateTime(window.startMicros / 1000), to: dateTime(window.endMicros / 1000) };
  if (answer.edges.length === 0) return <Empty title={t('reconcile.none')}>{t('reconcile.noneText', { name, ...between })}</Empty>;
  return (
    <>
      <MetaLine meta={answer.meta} />
      <p className="ms-reason" data-testid="reconciled-rate">
        {t('reconcile.window', between)} {window.shortened && t('reconcile.shortened')}{' '}
        {t(`reconcile.rate.${basis}`, { percent: number(percent, 2), low: number(low, 2), high: number(high, 2) })}{' '}
        {answer.noLines !== null && t('reconcile.noLines', { reason: answer.noLines })}{' '}
        <Button variant="link" isInline onClick={again}>
          {t('reconcile.again')}
        </Button>
      </p>
      <Edges edges={answer.edges} />
    </>
  );
}

function Counted({ namespace, name }: Whose) {
  const t = useT();
  const [range] = useTimeRange();
  const query = useReconciliation(namespace, name, range);
  return (
    <Panel query={query} title={t('reconcile.failed')}>
      {(data) => <Found name={name} data={data} again={() => void query.refetch()} />}
    </Panel>
  );
}

// Why fewer calls of a workload left spans than metrics count; asked for when it is wanted.
export function Reconcile(whose: Whose) {
  const t = useT();
  const { flag, replace } = useUrlState();
  const open = flag('reconcile');
  return (
    <ExpandableSection toggleText={t('reconcile.title')} toggleWrapper="h2" isExpanded={open} onToggle={(_, now) => replace({ reconcile: now ? 'true' : null })} data-testid="reconcile">
      {open && <Counted {...whose} />}
    </ExpandableSection>
  );
}
