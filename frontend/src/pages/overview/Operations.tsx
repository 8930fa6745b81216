import { useMemo } from 'react';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link, useSearchParams } from 'react-router';
import type { TraceSummary } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { operationsOf } from '@/lib/operations';
import { keepShared } from '@/lib/urls';

const kShown = 6;

// What requests begin with: what of it fails, and how long it takes at the worst.
export function Operations({ traces, lookedAt }: { traces: readonly TraceSummary[]; lookedAt: number }) {
  const t = useT();
  const { number } = useFormats();
  const [search] = useSearchParams();
  const all = useMemo(() => operationsOf(traces), [traces]);
  if (all.length === 0) return null;
  const find = (service: string, operation: string, more: Record<string, string> = {}) => keepShared('/traces', search, { service, operation, ...more });
  return (
    <Card isCompact data-testid="operations">
      <CardTitle component="h2">{t('overview.operations')}</CardTitle>
      <CardBody>
        <Table aria-label={t('overview.operations')} variant="compact" borders={false} gridBreakPoint="" className="ms-dense ms-fixed">
          <Thead>
            <Tr>
              <Th width={60}>{t('overview.operation')}</Th>
              <Th>{t('overview.tracesFound')}</Th>
              <Th>{t('overview.errors')}</Th>
              <Th>{t('overview.slowestOne')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {all.slice(0, kShown).map((one) => (
              <Tr key={`${one.service} ${one.operation}`} data-testid="operation-row">
                <Td dataLabel={t('overview.operation')} className="ms-operation-name">
                  <Link to={find(one.service, one.operation)} title={one.operation}>
                    {one.operation}
                  </Link>
                  <small className="ms-reason" title={one.service}>
                    {one.service}
                  </small>
                </Td>
                <Td dataLabel={t('overview.tracesFound')}>{number(one.traces)}</Td>
                <Td dataLabel={t('overview.errors')}>
                  {one.errors > 0 ? (
                    <Link to={find(one.service, one.operation, { errs: 'true' })} className="ms-bad-text">
                      {number(one.errors)}
                    </Link>
                  ) : (
                    number(0)
                  )}
                </Td>
                <Td dataLabel={t('overview.slowestOne')}>
                  <Link to={keepShared(`/traces/${one.slowest.traceID}`, search)}>{formatDuration(one.slowest.duration)}</Link>
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
        <p className="ms-reason">{t('overview.ofNewest', { count: number(lookedAt) })}</p>
      </CardBody>
    </Card>
  );
}
