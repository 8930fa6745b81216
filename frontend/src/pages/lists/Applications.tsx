import { useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useMeasured } from '@/api/heatmaps';
import { useApps, useTracingInfo } from '@/api/queries';
import { useRecent } from '@/api/recent';
import type { AppsResponse } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useChosenNamespaces } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT } from '@/i18n';
import { failedTraces, serviceFacets } from '@/lib/facets';
import { keepShared, subjectPath } from '@/lib/urls';
import { healthColumns } from './healthColumns';
import { Labels, labelsText } from './Labels';
import { meshText } from './meshText';
import { ObjectTable, type Column } from './ObjectTable';

type Row = AppsResponse['applications'][number];

// How many of the newest failed traces the application has failed in; they are one click away.
function FailedTraces({ row, count }: { row: Row; count: number }) {
  const { number } = useFormats();
  const [search] = useSearchParams();
  if (count === 0) return '0';
  return (
    <Link to={keepShared(subjectPath('applications', row.namespace, row.name), search, { tab: 'traces', errs: 'true' })} className="ms-bad-text">
      {number(count)}
    </Link>
  );
}

export function Applications() {
  const t = useT();
  const { number } = useFormats();
  const [namespaces] = useChosenNamespaces();
  const [range] = useTimeRange();
  const measured = useMeasured();
  const traced = useTracingInfo().data?.integration === true;
  const found = useRecent(true, traced).data?.data;
  const failed = useMemo(() => (traced && found ? serviceFacets(found) : undefined), [traced, found]);
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
      ...(failed
        ? [
            {
              id: 'failed',
              title: t('list.failedTraces'),
              value: (row: Row) => failedTraces(failed, row.namespace, row.name),
              shown: (row: Row) => <FailedTraces row={row} count={failedTraces(failed, row.namespace, row.name)} />,
            },
          ]
        : []),
      { id: 'mesh', title: t('list.mesh'), value: (row) => meshText(row, t) },
      { id: 'labels', title: t('list.labels'), value: (row) => labelsText(row.labels), shown: (row) => <Labels labels={row.labels} most={2} /> },
    ],
    [t, number, measured, failed],
  );
  return (
    <>
      <PageHead title={t('nav.applications')} range={measured || traced} />
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
