import { useMemo } from 'react';
import { useMeasured } from '@/api/heatmaps';
import { useApps } from '@/api/queries';
import type { AppsResponse } from '@/api/schema.gen';
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

type Row = AppsResponse['applications'][number];

export function Applications() {
  const t = useT();
  const { number } = useFormats();
  const [namespaces] = useChosenNamespaces();
  const [range] = useTimeRange();
  const measured = useMeasured();
  const query = useApps(namespaces, measured ? range : undefined);
  const columns = useMemo<Array<Column<Row>>>(
    () => [
      {
        id: 'name',
        title: t('list.name'),
        value: (row) => row.name,
        shown: (row) => <SubjectLink kind="applications" namespace={row.namespace} name={row.name} />,
      },
      { id: 'namespace', title: t('list.namespace'), value: (row) => row.namespace },
      ...(measured ? healthColumns<Row>(t, number) : []),
      { id: 'mesh', title: t('list.mesh'), value: (row) => meshText(row, t) },
      { id: 'labels', title: t('list.labels'), value: (row) => labelsText(row.labels), shown: (row) => <Labels labels={row.labels} most={2} /> },
    ],
    [t, number, measured],
  );
  return (
    <>
      <PageHead title={t('nav.applications')} range={measured} />
      <Panel query={query} title={t('error.list')}>
        {(data) => (
          <>
            <ObjectTable rows={data.applications} columns={columns} what={t('nav.applications')} judged={measured} />
            <MetaLine meta={data.meta} />
          </>
        )}
      </Panel>
    </>
  );
}
