import type { ReactNode } from 'react';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { UseQueryResult } from '@tanstack/react-query';
import { useServiceLatency, useServiceRates, useServiceThroughput } from '@/api/overview';
import type { HealthWord, Meta } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { HealthLabel } from '@/components/HealthLabel';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { formatMetric } from '@/lib/metrics';

type Row = { namespace: string; serviceName: string; healthStatus: HealthWord };
type Figure<T> = { title: string; of: (row: T) => ReactNode; bad?: (row: T) => boolean };

// Some services with what is remarkable about them.
function Services<T extends Row>({ title, query, figures, none, testId, tab }: {
  title: string;
  query: UseQueryResult<{ services: T[]; meta: Meta }>;
  figures: ReadonlyArray<Figure<T>>;
  none: string;
  testId: string;
  tab: string; // of the service's page
}) {
  const t = useT();
  return (
    <Card isCompact data-testid={testId}>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        <Panel query={query} title={t('overview.metricsFailed')}>
          {({ services, meta }) => (
            <>
              {services.length === 0 ? (
                <p className="ms-reason">{none}</p>
              ) : (
                <Table aria-label={title} variant="compact" borders={false} gridBreakPoint="" className="ms-dense">
                  <Thead>
                    <Tr>
                      <Th>{t('overview.service')}</Th>
                      {figures.map((one) => (
                        <Th key={one.title}>{one.title}</Th>
                      ))}
                      <Th>{t('overview.state')}</Th>
                    </Tr>
                  </Thead>
                  <Tbody>
                    {services.map((row) => (
                      <Tr key={`${row.namespace} ${row.serviceName}`} data-testid="service-row">
                        <Td dataLabel={t('overview.service')}>
                          <SubjectLink kind="services" namespace={row.namespace} name={row.serviceName} tab={tab} /> <small className="ms-reason">{row.namespace}</small>
                        </Td>
                        {figures.map((one) => (
                          <Td key={one.title} dataLabel={one.title} className={one.bad?.(row) ? 'ms-bad-text' : ''}>
                            {one.of(row)}
                          </Td>
                        ))}
                        <Td dataLabel={t('overview.state')}>
                          <HealthLabel health={row.healthStatus} />
                        </Td>
                      </Tr>
                    ))}
                  </Tbody>
                </Table>
              )}
              {partsMissing(meta, t).length > 0 && <MetaLine meta={meta} />}
            </>
          )}
        </Panel>
      </CardBody>
    </Card>
  );
}

// Where to look first: services that fail, that are slow, that move much.
export function ServiceCards({ namespaces }: { namespaces: readonly string[] }) {
  const t = useT();
  const { number } = useFormats();
  const [range] = useTimeRange();
  const rates = useServiceRates(range, namespaces, true);
  const slow = useServiceLatency(range, namespaces, true);
  const tcp = useServiceThroughput(range, namespaces, true);
  const perSecond = (rate: number) => t('overview.perSecond', { rate: number(rate, 2) });
  return (
    <div className="ms-cards ms-wide">
      <Services
        title={t('overview.failing')}
        query={rates}
        figures={[
          { title: t('overview.errors'), of: (row) => t('overview.percent', { percent: number(100 * row.errorRate, 1) }), bad: (row) => row.errorRate > 0 },
          { title: t('overview.requests'), of: (row) => perSecond(row.requestRate) },
        ]}
        none={t('overview.noServices')}
        testId="failing-services"
        tab="traces"
      />
      <Services
        title={t('overview.slow')}
        query={slow}
        figures={[{ title: t('overview.latency'), of: (row) => formatDuration(1000 * row.latency) }]}
        none={t('overview.noLatency')}
        testId="slow-services"
        tab="in_metrics"
      />
      {(tcp.data?.services.length ?? 1) > 0 && (
        <Services
          title={t('overview.busy')}
          query={tcp}
          figures={[{ title: t('overview.bytes'), of: (row) => formatMetric(row.tcpRate, 'bytes') + '/s' }]}
          none={t('overview.noTcp')}
          testId="busy-services"
          tab="in_metrics"
        />
      )}
    </div>
  );
}
