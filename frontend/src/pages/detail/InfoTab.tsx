import type { ReactNode } from 'react';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useApp, useService, useWorkload } from '@/api/queries';
import { useTimeRange } from '@/app/timeRange';
import { Facts } from '@/components/Facts';
import { MetaLine } from '@/components/MetaLine';
import { SmallTable } from '@/components/SmallTable';
import { Panel } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT, type Translate } from '@/i18n';
import { Labels } from '@/pages/lists/Labels';
import { meshText } from '@/pages/lists/meshText';
import { Health } from './Health';
import type { Subject } from './tabs';

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card isCompact>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>{children}</CardBody>
    </Card>
  );
}

function Links({ kind, namespace, names }: { kind: Subject['kind']; namespace: string; names: readonly string[] }) {
  const t = useT();
  if (names.length === 0) return <>{t('detail.none')}</>;
  return (
    <ul className="ms-links">
      {names.map((name) => (
        <li key={name}>
          <SubjectLink kind={kind} namespace={namespace} name={name} />
        </li>
      ))}
    </ul>
  );
}

// Labels without which metrics, traces and the graph cannot tell whose something is.
function missingLabels(app: boolean, version: boolean, t: Translate): string {
  return [app ? '' : t('detail.noApp'), version ? '' : t('detail.noVersion')].filter((part) => part !== '').join(', ');
}

function WorkloadInfo({ namespace, name }: Subject) {
  const t = useT();
  const { dateTime } = useFormats();
  const [range] = useTimeRange();
  const query = useWorkload(namespace, name, range);
  return (
    <Panel query={query} title={t('error.object')}>
      {(data) => (
        <div className="ms-blocks">
          <Block title={t('health.title')}>
            <Health
              status={data.health.status}
              requests={data.health.requests}
              replicas={[{ name: t('detail.replicas'), available: data.availableReplicas, desired: data.desiredReplicas }]}
            />
          </Block>
          <Block title={data.gvk.Kind}>
            <Facts
              facts={[
                [t('detail.missing'), !data.isGateway && !data.isWaypoint && missingLabels(data.appLabel, data.versionLabel, t)],
                [t('list.mesh'), meshText(data, t)],
                [t('detail.replicas'), t('detail.replicasOf', { available: data.availableReplicas, desired: data.desiredReplicas })],
                [t('list.labels'), <Labels key="labels" labels={data.labels} most={6} />],
                [t('list.created'), dateTime(Date.parse(data.createdAt))],
              ]}
            />
          </Block>
          <Block title={t('detail.services')}>
            <Links kind="services" namespace={namespace} names={data.services.map((one) => one.name)} />
          </Block>
          <Block title={t('detail.pods')}>
            <SmallTable
              label={t('detail.pods')}
              rows={data.pods}
              row={(pod) => ({ key: pod.name })}
              columns={[
                { title: t('list.name'), cell: (pod) => pod.name },
                { title: t('detail.state'), cell: (pod) => [pod.status, pod.statusReason].filter(Boolean).join(' ') },
                {
                  title: t('detail.containers'),
                  cell: (pod) => [...pod.containers, ...pod.istioContainers, ...pod.istioInitContainers].map((one) => one.name).join(', '),
                },
              ]}
            />
          </Block>
          <MetaLine meta={data.meta} />
        </div>
      )}
    </Panel>
  );
}

function AppInfo({ namespace, name }: Subject) {
  const t = useT();
  const [range] = useTimeRange();
  const query = useApp(namespace, name, range);
  return (
    <Panel query={query} title={t('error.object')}>
      {(data) => (
        <div className="ms-blocks">
          <Block title={t('health.title')}>
            <Health
              status={data.health.status}
              requests={data.health.requests}
              replicas={data.health.workloadStatuses.map((one) => ({ name: one.name, available: one.availableReplicas, desired: one.desiredReplicas }))}
            />
          </Block>
          <Block title={t('detail.workloads')}>
            <Links kind="workloads" namespace={namespace} names={data.workloads.map((one) => one.workloadName)} />
          </Block>
          <Block title={t('detail.services')}>
            <Links kind="services" namespace={namespace} names={data.serviceNames} />
          </Block>
          <MetaLine meta={data.meta} />
        </div>
      )}
    </Panel>
  );
}

function ServiceInfo({ namespace, name }: Subject) {
  const t = useT();
  const [range] = useTimeRange();
  const query = useService(namespace, name, range);
  return (
    <Panel query={query} title={t('error.object')}>
      {({ service, workloads, endpoints, meta, health, ...rest }) => (
        <div className="ms-blocks">
          <Block title={t('health.title')}>
            <Health status={health.status} requests={health.requests} replicas={[]} untilNow={range.kind === 'between'} />
          </Block>
          <Block title={t('traces.service')}>
            <Facts
              facts={[
                [t('detail.type'), service.type],
                [t('list.mesh'), meshText(rest, t)],
                [t('detail.addresses'), service.externalName || service.ips.join(', ')],
                [t('list.ports'), service.ports.map((port) => `${port.name} ${port.port}/${port.protocol}`).join(', ')],
                [t('detail.selector'), <Labels key="selector" labels={service.selectors} />],
                [t('list.labels'), <Labels key="labels" labels={service.labels} most={6} />],
              ]}
            />
          </Block>
          <Block title={t('detail.workloads')}>
            <Links kind="workloads" namespace={namespace} names={workloads.map((one) => one.name)} />
          </Block>
          <Block title={t('detail.endpoints')}>
            {endpoints.flatMap((one) => one.addresses).map((one) => (
              <div key={one.ip}>
                {one.ip} {one.name}
              </div>
            ))}
          </Block>
          <MetaLine meta={meta} />
        </div>
      )}
    </Panel>
  );
}

const kInfo = { workloads: WorkloadInfo, applications: AppInfo, services: ServiceInfo };

export function InfoTab(subject: Subject) {
  const Info = kInfo[subject.kind];
  return <Info {...subject} />;
}
