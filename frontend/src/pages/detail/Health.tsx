import type { HealthStatus, RequestHealth } from '@/api/schema.gen';
import { HealthLabel } from '@/components/HealthLabel';
import { SmallTable } from '@/components/SmallTable';
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
        <SmallTable
          dense
          label={t('health.requests')}
          rows={rows}
          row={(row) => ({ key: `${row.direction} ${row.protocol}`, 'data-testid': `health-${row.direction}` })}
          columns={[
            { title: t('health.requests'), cell: (row) => `${t(`graph.${row.direction}`)}, ${row.protocol}` },
            { title: t('graph.rate'), cell: (row) => number(row.rate, 2) },
            { title: t('graph.errors'), cell: (row) => `${number(row.failed, 1)} %`, className: (row) => (row.failed > 0 ? 'ms-bad-text' : '') },
            {
              title: t('health.codes'),
              cell: (row) =>
                row.codes.map((one, at) => (
                  <span key={one.code} className={one.bad ? 'ms-bad-text' : ''}>
                    {at > 0 && ', '}
                    {one.code === '-' ? t('health.noAnswer') : one.code}: {number((100 * one.rate) / row.rate, 1)} %
                  </span>
                )),
            },
          ]}
        />
      )}
    </div>
  );
}
