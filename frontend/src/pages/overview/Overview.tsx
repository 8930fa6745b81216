import { Alert, Button, PageSection } from '@patternfly/react-core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useMeasured } from '@/api/heatmaps';
import { useApps, useNamespaces, useServices, useTracingInfo, useWorkloads } from '@/api/queries';
import type { Meta, Namespace } from '@/api/schema.gen';
import { useFailureNotice } from '@/app/notifications';
import { useChosenNamespaces } from '@/app/urlState';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Panel, Stale } from '@/components/states';
import { useT } from '@/i18n';
import { byTrouble } from '@/lib/health';
import type { Kind } from '@/lib/urls';
import { Components } from './Components';
import { NamespaceCard, type Counts } from './NamespaceCard';
import { RecentTraces } from './RecentTraces';
import { ServiceCards } from './ServiceCards';
import { useTraffic } from './useTraffic';

function countsOf(namespace: string, lists: Record<Kind, ReadonlyArray<{ namespace: string }> | undefined>): Counts {
  const count = (list: ReadonlyArray<{ namespace: string }> | undefined) => list?.filter((one) => one.namespace === namespace).length;
  return { applications: count(lists.applications), workloads: count(lists.workloads), services: count(lists.services) };
}

// What the cards of namespaces lack, and why; the cards stand without it.
function Lacking<T>({ query, meta }: { query: UseQueryResult<T>; meta: Meta | undefined }) {
  const t = useT();
  useFailureNotice(query.error, t('overview.metricsFailed'), query.errorUpdateCount);
  const retry = () => void query.refetch();
  if (query.error && query.data === undefined) {
    return (
      <Alert
        isInline
        variant="danger"
        title={t('overview.metricsFailed')}
        data-testid="traffic-failed"
        actionLinks={
          <Button variant="link" isInline onClick={retry}>
            {t('state.retry')}
          </Button>
        }
      >
        {query.error.message}
      </Alert>
    );
  }
  if (query.error) return <Stale since={query.dataUpdatedAt} error={query.error} retry={retry} />;
  return meta && partsMissing(meta, t).length > 0 ? <MetaLine meta={meta} /> : null;
}

function Cards({ shown, chosen }: { shown: readonly Namespace[]; chosen: readonly string[] }) {
  const applications = useApps(chosen).data?.applications;
  const workloads = useWorkloads(chosen).data?.workloads;
  const services = useServices(chosen).data?.services;
  const { measured, traffic, apps, metricsOf, healthOf } = useTraffic(chosen);
  const sorted = shown.toSorted((a, b) => byTrouble(healthOf(a.name) ?? [], healthOf(b.name) ?? []) || a.name.localeCompare(b.name));
  return (
    <>
      {measured && <Lacking query={traffic} meta={traffic.data?.meta} />}
      {measured && <Lacking query={apps} meta={apps.data?.meta} />}
      <div className="ms-cards">
        {sorted.map((one) => (
          <NamespaceCard
            key={one.name}
            one={one}
            counts={countsOf(one.name, { applications, workloads, services })}
            health={healthOf(one.name)}
            metrics={metricsOf(one.name)}
          />
        ))}
      </div>
    </>
  );
}

export function Overview() {
  const t = useT();
  const namespaces = useNamespaces();
  const [chosen] = useChosenNamespaces();
  const tracing = useTracingInfo().data;
  const measured = useMeasured();
  return (
    <>
      <PageHead title={t('overview.title')} range />
      <PageSection>
        <Components />
        {measured && <ServiceCards namespaces={chosen} />}
        {tracing?.integration && <RecentTraces />}
        <h2 className="ms-h2">{t('overview.namespaces')}</h2>
        <Panel query={namespaces} title={t('error.list')}>
          {({ data, meta }) => {
            const shown = data.filter((one) => chosen.length === 0 || chosen.includes(one.name));
            return (
              <>
                {shown.length === 0 ? <Empty title={t('overview.none')}>{t('overview.noneText')}</Empty> : <Cards shown={shown} chosen={chosen} />}
                {meta && <MetaLine meta={meta} />}
              </>
            );
          }}
        </Panel>
      </PageSection>
    </>
  );
}
