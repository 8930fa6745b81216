import { useMemo } from 'react';
import { useMeasured } from '@/api/heatmaps';
import { useServices } from '@/api/queries';
import type { ServiceOverview } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useChosenNamespaces } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT } from '@/i18n';
import { healthColumns } from './healthColumns';
import { Labels, labelsText } from './Labels';
import { meshText } from './meshText';
import { ObjectTable, type Column } from './ObjectTable';

export function Services() {
  const t = useT();
  const { number } = useFormats();
  const [namespaces] = useChosenNamespaces();
  const [range] = useTimeRange();
  const measured = useMeasured();
  const query = useServices(namespaces, measured ? range : undefined);
  const columns = useMemo<Array<Column<ServiceOverview>>>(
    () => [
      {
        id: 'name',
        title: t('list.name'),
        value: (row) => row.name,
        shown: (row) => <SubjectLink kind="services" namespace={row.namespace} name={row.name} />,
      },
      { id: 'namespace', title: t('list.namespace'), value: (row) => row.namespace },
      ...(measured ? healthColumns<ServiceOverview>(t, number) : []),
      { id: 'kind', title: t('list.kind'), value: (row) => row.serviceRegistry },
      { id: 'mesh', title: t('list.mesh'), value: (row) => meshText(row, t) },
      { id: 'labels', title: t('list.labels'), value: (row) => labelsText(row.labels), shown: (row) => <Labels labels={row.labels} most={2} /> },
    ],
    [t, number, measured],
  );
  return (
    <>
      <PageHead title={t('nav.services')} range={measured} />
      <Panel query={query} title={t('error.list')}>
        {(data) => (
          <>
            <ObjectTable rows={data.services} columns={columns} what={t('nav.services')} judged={measured} />
            <MetaLine meta={data.meta} />
          </>
        )}
      </Panel>
    </>
  );
}
