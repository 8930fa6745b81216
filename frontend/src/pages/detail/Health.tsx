import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { HealthStatus, RequestHealth } from '@/api/schema.gen';
import { HealthLabel } from '@/components/HealthLabel';
import { useFormats, useT } from '@/i18n';
import { rateRows } from '@/lib/requestHealth';

export type Replicas = { name: string; available: number; desired: number };

// How something is, and why: what of its requests failed, and which of its replicas are missing.
export function Health({ status, requests, replicas, untilNow = false }: {
  status: HealthStatus | undefined;
  requests: RequestHealth;
  replicas: readonly Replicas[];
  untilNow?: boolean; // whatever time the page looks at
}) {
  const t = useT();
  const { number } = useFormats();
  const word = status?.status ?? 'NA';
  const rows = rateRows(requests);
  const short = replicas.filter((one) => one.available < one.desired);
  return (
    <div data-testid="health" data-health={word}>
      <div className="ms-row">
        <HealthLabel health={word} />
        {short.map((one) => (
          <span key={one.name} className="ms-bad-text">
            {one.name}: {t('detail.replicasOf', { available: number(one.available), desired: number(one.desired) })}
          </span>
        ))}
      </div>
      {untilNow && <p className="ms-reason">{t('health.untilNow')}</p>}
      {rows.length === 0 ? (
        <p className="ms-reason">{t('health.noRequests')}</p>
      ) : (
        <Table aria-label={t('health.requests')} variant="compact" borders={false} gridBreakPoint="" className="ms-dense">
          <Thead>
            <Tr>
              <Th>{t('health.requests')}</Th>
              <Th>{t('graph.rate')}</Th>
              <Th>{t('graph.errors')}</Th>
              <Th>{t('health.codes')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {rows.map((row) => (
              <Tr key={`${row.direction} ${row.protocol}`} data-testid={`health-${row.direction}`}>
                <Td dataLabel={t('health.requests')}>
                  {t(`graph.${row.direction}`)}, {row.protocol}
                </Td>
                <Td dataLabel={t('graph.rate')}>{number(row.rate, 2)}</Td>
                <Td dataLabel={t('graph.errors')} className={row.failed > 0 ? 'ms-bad-text' : ''}>
                  {number(row.failed, 1)} %
                </Td>
                <Td dataLabel={t('health.codes')}>
                  {row.codes.map((one, at) => (
                    <span key={one.code} className={one.bad ? 'ms-bad-text' : ''}>
                      {at > 0 && ', '}
                      {one.code === '-' ? t('health.noAnswer') : one.code}: {number((100 * one.rate) / row.rate, 1)} %
                    </span>
                  ))}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </div>
  );
}
