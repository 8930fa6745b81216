import { Alert, Button, Card, CardBody, CardTitle, PageSection } from '@patternfly/react-core';
import { useComponents, useServerStatus, useTracingInfo } from '@/api/queries';
import type { ComponentStatus } from '@/api/schema.gen';
import { ExternalLink } from '@/components/ExternalLink';
import { Facts } from '@/components/Facts';
import { PageHead } from '@/components/PageHead';
import { StateLabel } from '@/components/StateLabel';
import { Empty, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { componentName } from '@/lib/components';
import { jaegerHome } from '@/lib/jaegerLinks';
import { Diagnose } from './Diagnose';

function Component({ one, provider, url }: { one: ComponentStatus; provider: string; url: string | undefined }) {
  const t = useT();
  const { dateTime, ago, number } = useFormats();
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
            [t('statusPage.lastProbe'), when(one.lastProbe)],
            [t('statusPage.lastSuccess'), when(one.lastSuccess)],
          ]}
        />
      </CardBody>
    </Card>
  );
}

export function StatusPage() {
  const t = useT();
  const components = useComponents();
  const status = useServerStatus();
  const tracing = useTracingInfo().data;
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
