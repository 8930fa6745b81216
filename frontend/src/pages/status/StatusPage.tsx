import { Alert, Button, Card, CardBody, CardTitle, PageSection } from '@patternfly/react-core';
import { useComponents, useServerStatus, useTracingInfo } from '@/api/queries';
import type { ComponentStatus } from '@/api/schema.gen';
import { useProbeLog } from '@/app/probeLog';
import { ExternalLink } from '@/components/ExternalLink';
import { Facts } from '@/components/Facts';
import { Foldout } from '@/components/Foldout';
import { PageHead } from '@/components/PageHead';
import { SmallTable } from '@/components/SmallTable';
import { StateLabel } from '@/components/StateLabel';
import { Empty, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { componentName } from '@/lib/components';
import { jaegerHome } from '@/lib/jaegerLinks';
import { probeKey, type Probe } from '@/lib/probeLog';
import { Diagnose } from './Diagnose';

// The probes of a component that this page has heard of.
function Probes({ of, probes }: { of: ComponentStatus; probes: readonly Probe[] }) {
  const t = useT();
  const { dateTime, number } = useFormats();
  return (
    <Foldout list="probes" name={probeKey(of)} title={t('statusPage.probes', { count: number(probes.length) })}>
      {() => (
        <SmallTable
          label={t('statusPage.probes', { count: number(probes.length) })}
          testId="probes"
          rows={probes}
          row={(probe) => ({ key: probe.at, 'data-testid': 'probe' })}
          columns={[
            { title: t('statusPage.probedAt'), cell: (probe) => dateTime(probe.at / 1000) },
            { title: t('about.state'), cell: (probe) => t(`status.${probe.status}`), className: (probe) => (probe.error === undefined ? '' : 'ms-bad-text') },
            { title: t('statusPage.took'), cell: (probe) => (probe.latencyMs === undefined ? '' : `${number(probe.latencyMs, 1)} ms`) },
            { title: t('statusPage.reason'), cell: (probe) => probe.error, className: 'ms-value' },
          ]}
        />
      )}
    </Foldout>
  );
}

const kAsked: readonly string[] = ['kubernetes', 'prometheus', 'grafana', 'tracing'];

function Component({ one, provider, url, probes }: { one: ComponentStatus; provider: string; url: string | undefined; probes: readonly Probe[] }) {
  const t = useT();
  const { dateTime, ago, number } = useFormats();
  // Control planes and gateways are not asked: their state is that of their objects.
  const probed = one.lastProbe !== undefined || one.lastSuccess !== undefined || kAsked.includes(one.name);
  const when = (micros: number | undefined) => (micros === undefined ? t('statusPage.never') : `${dateTime(micros / 1000)} (${ago(micros / 1000)})`);
  return (
    <Card isCompact data-testid={`component-${one.name}`}>
      <CardTitle component="h2">
        {componentName(one.name, provider)} <StateLabel component={one} />
      </CardTitle>
      <CardBody>
        <Facts
          facts={[
            [t('statusPage.reason'), one.reason?.error],
            [t('state.setting'), one.reason?.hint?.setting && <code key="setting">{one.reason.hint.setting}</code>],
            [t('state.advice'), one.reason?.hint?.advice],
            [t('about.url'), url && <ExternalLink key="url" href={url}>{url}</ExternalLink>],
            [t('statusPage.version'), one.version],
            [t('statusPage.protocol'), one.protocol],
            [t('statusPage.latency'), one.latencyMs !== undefined && `${number(one.latencyMs, 1)} ms`],
            [t('statusPage.product'), one.product],
            [t('statusPage.lastProbe'), probed ? when(one.lastProbe) : t('statusPage.fromCluster')],
            [t('statusPage.lastSuccess'), probed && when(one.lastSuccess)],
            [t('statusPage.age'), one.ageMs !== undefined && one.ageMs > 0 && t('statusPage.ageOf', { seconds: number(one.ageMs / 1000, 1) })],
          ]}
        />
        {probes.length > 0 && <Probes of={one} probes={probes} />}
      </CardBody>
    </Card>
  );
}

export function StatusPage() {
  const t = useT();
  const components = useComponents();
  const status = useServerStatus();
  const tracing = useTracingInfo().data;
  const log = useProbeLog();
  return (
    <>
      <PageHead title={t('statusPage.title')} />
      <PageSection>
        {(status.data?.warningMessages ?? []).map((message) => (
          <Alert key={message} isInline variant="warning" title={message} />
        ))}
        <Panel query={components} title={t('status.failed')}>
          {(data) =>
            data.length === 0 ? (
              <Empty title={t('statusPage.none')}>
                {t('statusPage.noneText')} {tracing?.reason}
              </Empty>
            ) : (
              <div className="ms-blocks">
                {data.map((one) => (
                  <Component
                    key={`${one.cluster} ${one.name}`}
                    one={one}
                    provider={tracing?.provider ?? ''}
                    probes={log.get(probeKey(one)) ?? []}
                    url={one.name === 'tracing' ? jaegerHome(tracing?.url) : undefined}
                  />
                ))}
              </div>
            )
          }
        </Panel>
        <Button variant="secondary" onClick={() => void components.refetch()}>
          {t('status.retry')}
        </Button>
        <Diagnose />
      </PageSection>
    </>
  );
}
