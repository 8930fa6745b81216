import { useMemo } from 'react';
import { useMeasured } from '@/api/heatmaps';
import { useWorkloads } from '@/api/queries';
import type { WorkloadListItem } from '@/api/schema.gen';
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

export function Workloads() {
  const t = useT();
  const { number, dateTime, ago } = useFormats();
  const [namespaces] = useChosenNamespaces();
  const [range] = useTimeRange();
  const measured = useMeasured();
  const query = useWorkloads(namespaces, measured ? range : undefined);
  const columns = useMemo<Array<Column<WorkloadListItem>>>(
    () => [
      {
        id: 'name',
        title: t('list.name'),
        value: (row) => row.name,
        shown: (row) => <SubjectLink kind="workloads" namespace={row.namespace} name={row.name} />,
      },
      { id: 'namespace', title: t('list.namespace'), value: (row) => row.namespace },
      ...(measured ? healthColumns<WorkloadListItem>(t, number) : []),
      { id: 'kind', title: t('list.kind'), value: (row) => row.gvk.Kind },
      { id: 'mesh', title: t('list.mesh'), value: (row) => meshText(row, t) },
      { id: 'pods', title: t('list.pods'), value: (row) => row.podCount },
      { id: 'labels', title: t('list.labels'), value: (row) => labelsText(row.labels), shown: (row) => <Labels labels={row.labels} most={2} /> },
      { id: 'created', title: t('list.created'), value: (row) => row.createdAt, shown: (row) => <span title={dateTime(Date.parse(row.createdAt))}>{ago(Date.parse(row.createdAt))}</span> },
    ],
    [t, number, dateTime, ago, measured],
  );
  return (
    <>
      <PageHead title={t('nav.workloads')} range={measured} />
      <Panel query={query} title={t('error.list')}>
        {(data) => (
          <>
            <ObjectTable rows={data.workloads} columns={columns} what={t('nav.workloads')} judged={measured} />
            <MetaLine meta={data.meta} />
          </>
        )}
      </Panel>
    </>
  );
}
