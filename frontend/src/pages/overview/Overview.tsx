import { Card, CardBody, CardTitle, Label, PageSection } from '@patternfly/react-core';
import { Link, useSearchParams } from 'react-router';
import { useApps, useNamespaces, useServices, useTracingInfo, useWorkloads } from '@/api/queries';
import type { Namespace } from '@/api/schema.gen';
import { useChosenNamespaces } from '@/app/urlState';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import type { Kind } from '@/lib/urls';
import { RecentTraces } from './RecentTraces';

type Counts = Record<Kind, number | undefined>;

function countsOf(namespace: string, lists: Record<Kind, ReadonlyArray<{ namespace: string }> | undefined>): Counts {
  const count = (list: ReadonlyArray<{ namespace: string }> | undefined) => list?.filter((one) => one.namespace === namespace).length;
  return { applications: count(lists.applications), workloads: count(lists.workloads), services: count(lists.services) };
}

function NamespaceCard({ one, counts }: { one: Namespace; counts: Counts }) {
  const t = useT();
  const { number } = useFormats();
  const [search] = useSearchParams();
  const list = (kind: Kind) => {
    const next = new URLSearchParams(search);
    next.set('namespaces', one.name);
    return `/${kind}?${next.toString()}`;
  };
  return (
    <Card isCompact data-testid="namespace-card">
      <CardTitle component="h3">
        {one.name}{' '}
        {one.isControlPlane && (
          <Label isCompact color="purple">
            {t('overview.controlPlane')}
          </Label>
        )}{' '}
        {one.isAmbient && (
          <Label isCompact color="teal">
            {t('overview.ambient')}
          </Label>
        )}
        {!one.isAmbient && one.labels['istio-injection'] === 'enabled' && (
          <Label isCompact color="blue">
            {t('overview.sidecars')}
          </Label>
        )}
      </CardTitle>
      <CardBody>
        <ul className="ms-counts">
          {(['applications', 'workloads', 'services'] as const).map((kind) => (
            <li key={kind}>
              <Link to={list(kind)}>
                {counts[kind] === undefined ? '–' : number(counts[kind])} {t(`overview.${kind}`)}
              </Link>
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

export function Overview() {
  const t = useT();
  const namespaces = useNamespaces();
  const [chosen] = useChosenNamespaces();
  const applications = useApps(chosen).data?.applications;
  const workloads = useWorkloads(chosen).data?.workloads;
  const services = useServices(chosen).data?.services;
  const tracing = useTracingInfo().data;
  return (
    <>
      <PageHead title={t('overview.title')} range />
      <PageSection>
        {tracing?.integration && <RecentTraces />}
        <h2 className="ms-h2">{t('overview.namespaces')}</h2>
        <Panel query={namespaces} title={t('error.list')}>
          {({ data, meta }) => {
            const shown = data.filter((one) => chosen.length === 0 || chosen.includes(one.name));
            return (
              <>
                {shown.length === 0 && <Empty title={t('overview.none')}>{t('overview.noneText')}</Empty>}
                <div className="ms-cards">
                  {shown.map((one) => (
                    <NamespaceCard key={one.name} one={one} counts={countsOf(one.name, { applications, workloads, services })} />
                  ))}
                </div>
                {meta && <MetaLine meta={meta} />}
              </>
            );
          }}
        </Panel>
      </PageSection>
    </>
  );
}
