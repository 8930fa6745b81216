import type { UseQueryResult } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { Alert, Button, Checkbox, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useGrafana } from '@/api/grafana';
import { useDashboard, useOverlay, type MetricQuestion } from '@/api/metrics';
import { useConfig, useTracingInfo } from '@/api/queries';
import type { Dashboard, SpanOverlay } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useListed, useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { ExternalLink } from '@/components/ExternalLink';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { MetricCard } from '@/components/metrics/MetricCard';
import { SpanPoints } from '@/components/metrics/SpanPoints';
import { MultiChoice } from '@/components/MultiChoice';
import { Empty, Loading, Panel, Stale } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { dashboardsOf } from '@/lib/grafanaLinks';
import { namesIn } from '@/lib/listed';
import type { ReportedDashboard } from '@/lib/metrics';
import type { Window } from '@/lib/range';
import { keepShared, subjectPath } from '@/lib/urls';
import { draggedRange } from '@/lib/zoom';
import type { Subject } from './tabs';

const kQuantiles = ['0.5', '0.95', '0.99', '0.999'] as const;
const kSpanLimits = [20, 100, 500, 1000] as const;
const kDefaultSpans = 20;
const kReporters = ['source', 'destination', 'both'] as const;

function Controls({ question, aggregations, canSpans }: { question: MetricQuestion; aggregations: Dashboard['aggregations']; canSpans: boolean }) {
  const t = useT();
  const { flag, number, replace } = useUrlState();
  const [, flipQuantile] = useListed('quantiles');
  const [, flipLabel] = useListed('by');
  const chosen = new Set([...(question.avg ? ['avg'] : []), ...question.quantiles, ...question.byLabels]);
  const usual = question.direction === 'inbound' ? 'destination' : 'source';
  const flip = (value: string) => {
    if (value === 'avg') return replace((now) => ({ avg: now.flipped('avg', 'false') }));
    return kQuantiles.some((one) => one === value) ? flipQuantile(value) : flipLabel(value);
  };
  return (
    <Toolbar>
      <ToolbarContent alignItems="center">
        <ToolbarItem>
          <MultiChoice
            label={t('metrics.settings')}
            chosen={chosen}
            onFlip={flip}
            testId="metrics-settings"
            groups={[
              { title: t('metrics.groupBy'), options: aggregations.map((one) => ({ value: one.label, text: one.displayName })) },
              {
                title: t('metrics.histograms'),
                options: [{ value: 'avg', text: t('metrics.average') }, ...kQuantiles.map((value) => ({ value, text: t('metrics.quantile', { value }) }))],
              },
            ]}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice
            label={t('metrics.reporter')}
            value={question.reporter}
            options={kReporters.map((value) => ({ value, text: t(`metrics.reporter.${value}`) }))}
            onChoose={(value) => replace({ reporter: value === usual ? null : value })}
          />
        </ToolbarItem>
        {canSpans && (
          <>
            <ToolbarItem>
              <Checkbox id="metric-spans" label={t('metrics.spans')} isChecked={flag('spans')} onChange={(_, on) => replace({ spans: on ? 'true' : null })} />
            </ToolbarItem>
            <ToolbarItem>
              <Choice
                label={t('metrics.spans')}
                value={number('spanLimit', kDefaultSpans)}
                options={kSpanLimits.map((value) => ({ value, text: t('metrics.spanLimit', { count: value }) }))}
                onChoose={(value) => replace({ spanLimit: value === kDefaultSpans ? null : String(value) })}
              />
            </ToolbarItem>
          </>
        )}
        <ToolbarItem>
          <Checkbox id="metric-trends" label={t('metrics.trend')} isChecked={flag('trendlines')} onChange={(_, on) => replace({ trendlines: on ? 'true' : null })} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

// Dashboards of Grafana about the same object, at the same time.
function Elsewhere({ subject, window }: { subject: Subject; window: Window }) {
  const domain = useConfig().data?.istioIdentityDomain ?? 'svc.cluster.local';
  const found = dashboardsOf(useGrafana().data, subject, domain, window);
  if (found.length === 0) return null;
  return (
    <span className="ms-row" data-testid="dashboards">
      {found.map((one) => (
        <ExternalLink key={one.name} href={one.href}>
          {one.name}
        </ExternalLink>
      ))}
    </span>
  );
}

function Charts({ subject, answer, window, overlay }: { subject: Subject; answer: ReportedDashboard; window: Window; overlay: SpanOverlay | undefined }) {
  const navigate = useNavigate();
  const { search, text, flag } = useUrlState();
  const [, , look] = useTimeRange();
  const expanded = text('expand');
  const shown = answer.charts.filter((chart) => expanded === '' || chart.name === expanded);
  const spanPath = (at: number) => {
    const one = overlay?.points[at];
    return keepShared(subjectPath(subject.kind, subject.namespace, subject.name), search, { tab: 'traces', traceId: one?.traceID, spanId: one?.spanID });
  };
  const zoom = (at: number) => {
    const one = overlay?.buckets[at];
    if (one) look({ kind: 'between', from: Math.floor(one.from / 1000), to: Math.ceil(one.to / 1000) });
  };
  const drag = (from: number, to: number) => {
    const range = draggedRange(from, to, window.startMicros, window.endMicros);
    if (range) look(range);
  };
  return (
    <>
      {overlay && <SpanPoints overlay={overlay} spanPath={spanPath} onBucket={zoom} />}
      <div className={expanded === '' ? 'ms-metrics' : ''}>
        {(shown.length > 0 ? shown : answer.charts).map((chart) => (
          <MetricCard
            key={chart.name}
            chart={chart}
            window={window}
            overlay={overlay}
            trends={flag('trendlines')}
            large={chart.name === expanded}
            onSpan={(at) => void navigate(spanPath(at))}
            onBucket={zoom}
            onDrag={drag}
          />
        ))}
      </div>
    </>
  );
}

// How the spans over the charts are doing; nothing, when they are there.
function OverlayState({ query }: { query: UseQueryResult<SpanOverlay> }) {
  const t = useT();
  const retry = () => void query.refetch();
  const { data, error } = query;
  if (error && data) return <Stale since={query.dataUpdatedAt} error={error} retry={retry} />;
  if (error) {
    const again = (
      <Button variant="link" isInline onClick={retry}>
        {t('state.retry')}
      </Button>
    );
    return (
      <Alert isInline variant="warning" title={t('metrics.spansFailed')} actionLinks={again} data-testid="spans-failed">
        {error.message}
      </Alert>
    );
  }
  if (!data) return <p className="ms-reason" role="status">{t('metrics.spansComing')}</p>;
  if (data.points.length === 0 && data.buckets.length === 0) return <p className="ms-reason" role="status" data-testid="spans-none">{t('metrics.spansNone')}</p>;
  return partsMissing(data.meta, t).length > 0 ? <MetaLine meta={data.meta} /> : null;
}

export function MetricsTab({ direction, ...subject }: Subject & { direction: 'inbound' | 'outbound' }) {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const { text, flag, number } = useUrlState();
  const [range] = useTimeRange();
  const config = useConfig().data;
  const tracing = useTracingInfo().data;
  const usual = direction === 'inbound' ? 'destination' : 'source';
  const reporter = kReporters.find((one) => one === text('reporter')) ?? usual;
  const question: MetricQuestion = { direction, reporter, avg: text('avg') !== 'false', quantiles: namesIn(text('quantiles')), byLabels: namesIn(text('by')) };
  const on = config?.prometheus.enabled === true;
  const canSpans = tracing?.integration === true;
  const spans = canSpans && flag('spans');
  const query = useDashboard(subject.kind, subject.namespace, subject.name, range, question, config?.prometheus.globalScrapeInterval ?? 15, on);
  const overlay = useOverlay(subject.kind, subject.namespace, subject.name, range, number('spanLimit', kDefaultSpans), spans && on);
  if (config === undefined) return <Loading />;
  if (!on) return <Empty title={t('metrics.off')}>{config.prometheus.disabledReason ?? t('metrics.offText')}</Empty>;
  const where = range.kind === 'last' ? t('range.last', { duration: seconds(range.seconds) }) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) });
  return (
    <div data-testid="metrics-tab">
      <Controls question={question} aggregations={query.data?.answer.aggregations ?? []} canSpans={canSpans} />
      {spans && <OverlayState query={overlay} />}
      <Panel query={query} title={t('metrics.failed')}>
        {({ answer, window }) => (
          <>
            <div className="ms-row">
              <MetaLine meta={answer.meta} />
              <Elsewhere subject={subject} window={window} />
            </div>
            {answer.charts.every((chart) => chart.metrics.length === 0 && chart.error === '') ? (
              <Empty title={t('metrics.none')}>{t('metrics.noneText', { name: subject.name, range: where })}</Empty>
            ) : (
              <Charts subject={subject} answer={answer} window={window} overlay={spans ? overlay.data : undefined} />
            )}
          </>
        )}
      </Panel>
    </div>
  );
}

export const InboundTab = (subject: Subject) => <MetricsTab {...subject} direction="inbound" />;
export const OutboundTab = (subject: Subject) => <MetricsTab {...subject} direction="outbound" />;
