import { Breadcrumb, BreadcrumbItem, PageSection, Popover, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import { Link, Navigate, useParams, useSearchParams } from 'react-router';
import { useService, useTracingInfo, useWorkload } from '@/api/queries';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { ExternalLink } from '@/components/ExternalLink';
import { PageHead } from '@/components/PageHead';
import { useT } from '@/i18n';
import { jaegerSearch } from '@/lib/jaegerLinks';
import { windowOf } from '@/lib/range';
import { appOf, tracingService } from '@/lib/tracingService';
import { isKind, keepShared } from '@/lib/urls';
import { kNewLook } from '@/lib/view';
import { kTabs, type Subject } from './tabs';

const kContent = 'detail-tab';

// The application whose spans are those of the page; undefined until it is known.
function useAppName({ kind, namespace, name }: Subject, enabled: boolean): string | undefined {
  const workload = useWorkload(namespace, name, undefined, enabled && kind === 'workloads');
  const service = useService(namespace, name, undefined, enabled && kind === 'services');
  if (kind === 'workloads') return workload.isPending ? undefined : appOf(workload.data?.labels, name);
  if (kind === 'services') return service.isPending ? undefined : appOf(service.data?.workloads[0]?.labels ?? service.data?.service.selectors, name);
  return name;
}

// Where the server asks no backend itself and the backend has pages of its own, the tab is a link to them.
function ExternalTraces(subject: Subject) {
  const t = useT();
  const [range] = useTimeRange();
  const info = useTracingInfo().data;
  const linkOnly = info !== undefined && info.enabled && !info.integration && info.url !== '';
  const app = useAppName(subject, linkOnly);
  if (!linkOnly || app === undefined) return null;
  const service = tracingService(app, subject.namespace, info.namespaceSelector);
  const href = jaegerSearch(info.url, { service, ...windowOf(range, Date.now()) });
  if (!href) return null;
  return (
    <span className="ms-external-tab">
      <ExternalLink href={href} testId="external-traces">
        {t('detail.externalTraces')}
      </ExternalLink>
      <Popover bodyContent={t('detail.linkOnly', { setting: 'external_services.tracing.in_cluster_url' })} aria-label={t('state.cause')}>
        <button type="button" aria-label={t('state.cause')}>
          <InfoCircleIcon />
        </button>
      </Popover>
    </span>
  );
}

function Subject({ kind, namespace, name }: Subject) {
  const t = useT();
  const [search] = useSearchParams();
  const { text, push } = useUrlState();
  const tracing = useTracingInfo();
  const tabs = kTabs.filter((tab) => tab.kinds.includes(kind) && tab.available(tracing.data));
  const wanted = text('tab', 'info');
  const tab = tabs.find((one) => one.id === wanted) ?? (tracing.isPending ? undefined : tabs[0]);
  const list = t(`nav.${kind}`);
  return (
    <>
      <PageHead
        title={name}
        range
        above={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={keepShared(`/${kind}`, search)}>{list}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem>
              <Link to={keepShared(`/${kind}`, new URLSearchParams({ namespaces: namespace }))}>{namespace}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{name}</BreadcrumbItem>
          </Breadcrumb>
        }
      />
      <PageSection>
        <div className="ms-tabs">
          <Tabs
            activeKey={tab?.id ?? ''}
            onSelect={(_, key) => push({ ...kNewLook, tab: String(key), traceId: null, node: null, edge: null })}
            aria-label={name}
            usePageInsets
          >
            {tabs.map((one) => (
              <Tab key={one.id} eventKey={one.id} title={<TabTitleText>{t(one.text)}</TabTitleText>} tabContentId={kContent} data-testid={`tab-${one.id}`} />
            ))}
          </Tabs>
          <ExternalTraces kind={kind} namespace={namespace} name={name} />
        </div>
        <div className="ms-tab-body" id={kContent} role="tabpanel" aria-label={tab ? t(tab.text) : name}>
          {tab?.show({ kind, namespace, name })}
        </div>
      </PageSection>
    </>
  );
}

export function Detail() {
  const { namespace = '', kind, name = '' } = useParams();
  if (!isKind(kind)) return <Navigate to="/overview" replace />;
  return <Subject key={`${kind} ${namespace} ${name}`} kind={kind} namespace={namespace} name={name} />;
}
