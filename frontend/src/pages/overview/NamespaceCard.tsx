import { Card, CardBody, CardTitle, Label } from '@patternfly/react-core';
import { Link, useSearchParams } from 'react-router';
import type { HealthWord, Metrics, Namespace } from '@/api/schema.gen';
import { HealthLabel } from '@/components/HealthLabel';
import { Sparkline } from '@/components/Sparkline';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { tallyOf } from '@/lib/health';
import { errorShare, sparkOf } from '@/lib/spark';
import { keepShared, type Kind } from '@/lib/urls';

export type Counts = Record<Kind, number | undefined>;

// Requests, errors and the 95th percentile over the range.
function Traffic({ metrics }: { metrics: Metrics }) {
  const t = useT();
  const { number } = useFormats();
  const requests = sparkOf(metrics.request_count);
  const errors = sparkOf(metrics.request_error_count);
  const slow = sparkOf(metrics.request_duration_millis);
  const share = errorShare(requests, errors);
  if (!requests || requests.most === 0) return <p className="ms-reason">{t('overview.noTraffic')}</p>;
  const rate = (value: number) => t('overview.perSecond', { rate: number(value, 2) });
  const time = (ms: number) => formatDuration(1000 * ms);
  const bad = share !== undefined && share > 0;
  return (
    <div data-testid="traffic">
      <Sparkline label={t('overview.requests')} figure={rate(requests.mean)} spark={requests} format={rate} testId="spark-requests" />
      <Sparkline
        label={t('overview.errors')}
        figure={t('overview.percent', { percent: number(share ?? 0, 1) })}
        spark={errors ?? { ...requests, values: requests.values.map((value) => (value === null ? null : 0)), least: 0, most: 0, last: 0, mean: 0 }}
        format={rate}
        bad={bad}
        testId="spark-errors"
      />
      {slow && <Sparkline label={t('overview.p95')} figure={time(slow.last)} spark={slow} format={time} testId="spark-p95" />}
    </div>
  );
}

export function NamespaceCard({ one, counts, health, metrics }: {
  one: Namespace;
  counts: Counts;
  health: readonly HealthWord[] | undefined; // of its applications; undefined: not known
  metrics: Metrics | undefined;
}) {
  const t = useT();
  const { number } = useFormats();
  const [search] = useSearchParams();
  const list = (kind: Kind, more: Record<string, string> = {}) => keepShared(`/${kind}`, search, { namespaces: one.name, ...more });
  return (
    <Card isCompact className={health?.includes('Failure') ? 'ms-in-trouble' : undefined} data-testid="namespace-card" data-namespace={one.name}>
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
        {health && health.length > 0 && (
          <ul className="ms-row ms-tally" aria-label={t('overview.apps', { namespace: one.name })} data-testid="tally">
            {tallyOf(health).map(([word, count]) => (
              <li key={word}>
                <Link to={list('applications', { health: word })}>
                  <HealthLabel health={word} count={count} />
                </Link>
              </li>
            ))}
          </ul>
        )}
        <ul className="ms-row ms-counts-row">
          {(['applications', 'workloads', 'services'] as const).map((kind) => (
            <li key={kind}>
              <Link to={list(kind)}>
                {counts[kind] === undefined ? '–' : number(counts[kind])} {t(counts[kind] === 1 ? `overview.one.${kind}` : `overview.${kind}`)}
              </Link>
            </li>
          ))}
          <li>
            <Link to={keepShared('/graph', search, { namespaces: one.name })}>{t('graph.nav')}</Link>
          </li>
        </ul>
        {metrics && <Traffic metrics={metrics} />}
      </CardBody>
    </Card>
  );
}
