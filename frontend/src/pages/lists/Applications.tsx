import { useMemo } from 'react';
import { useApps } from '@/api/queries';
import type { AppsResponse } from '@/api/schema.gen';
import { useChosenNamespaces } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useT } from '@/i18n';
import { Labels, labelsText } from './Labels';
import { meshText } from './meshText';
import { ObjectTable, type Column } from './ObjectTable';

type Row = AppsResponse['applications'][number];

export function Applications() {
  const t = useT();
  const [namespaces] = useChosenNamespaces();
  const query = useApps(namespaces);
  const columns = useMemo<Array<Column<Row>>>(
    () => [
      {
        id: 'name',
        title: t('list.name'),
        value: (row) => row.name,
        shown: (row) => <SubjectLink kind="applications" namespace={row.namespace} name={row.name} />,
      },
      { id: 'namespace', title: t('list.namespace'), value: (row) => row.namespace },
      { id: 'mesh', title: t('list.mesh'), value: (row) => meshText(row, t) },
      { id: 'labels', title: t('list.labels'), value: (row) => labelsText(row.labels), shown: (row) => <Labels labels={row.labels} /> },
    ],
    [t],
  );
  return (
    <>
      <PageHead title={t('nav.applications')} />
      <Panel query={query} title={t('error.list')}>
        {(data) => (
          <>
            <ObjectTable rows={data.applications} columns={columns} what={t('nav.applications')} />
            <MetaLine meta={data.meta} />
          </>
        )}
      </Panel>
    </>
  );
}
