import { useMemo } from 'react';
import { Alert, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useMeasured } from '@/api/heatmaps';
import { kPercentiles, usePercentiles } from '@/api/metrics';
import { useSubjectTraces, useTracingInfo } from '@/api/queries';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { Explanation } from '@/components/Explanation';
import { ExternalLink } from '@/components/ExternalLink';
import { MetaLine } from '@/components/MetaLine';
import { Panel } from '@/components/states';
import { DurationField, ErrorsOnly, kDefaultLimit, LimitChoice } from '@/components/traces/TraceQuery';
import { TraceResults } from '@/components/traces/TraceResults';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { jaegerSearch } from '@/lib/jaegerLinks';
import type { Axis } from '@/lib/scatter';
import type { Kind } from '@/lib/urls';
import { windowOf, type TimeRange } from '@/lib/range';
import { summarize } from '@/lib/traceSummary';

// The durations that a share of the requests of the last hour stayed below; of the chosen one, how long it is in µs.
function usePercentile(kind: Kind, namespace: string, name: string, range: TimeRange) {
  const { text } = useUrlState();
  const measured = useMeasured();
  const query = usePercentiles(kind, namespace, name, range, measured);
  const wanted = kPercentiles.find((one) => one === text('percentile')) ?? '';
  const ms = query.data?.get(wanted);
  return { measured, query, wanted, waits: measured && wanted !== '' && query.isPending, micros: ms === undefined ? 0 : Math.floor(1000 * ms) };
}

function PercentileChoice({ found }: { found: ReturnType<typeof usePercentile> }) {
  const t = useT();
  const { replace } = useUrlState();
  const options = kPercentiles.map((value) => {
    const ms = found.query.data?.get(value);
    const name = `p${Number(value) * 100}`;
    return { value: value as string, text: ms === undefined ? name : t('traces.percentileOf', { name, ms: ms.toFixed(2) }) };
  });
  return (
    <Choice
      label={t('traces.percentile')}
      value={found.wanted as string}
      options={[{ value: '', text: t('traces.percentileAll') }, ...options]}
      onChoose={(percentile) => replace({ percentile })}
    />
  );
}

export function TracesTab({ kind, namespace, name }: { kind: Kind; namespace: string; name: string }) {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const { text, number, flag, replace } = useUrlState();
  const [range] = useTimeRange();
  const url = useTracingInfo().data?.url;
  const percentile = usePercentile(kind, namespace, name, range);
  const question = { limit: number('limit', kDefaultLimit), errors: flag('errs'), minDuration: Math.max(number('minDuration', 0), percentile.micros) };
  const query = useSubjectTraces(kind, namespace, name, range, question, !percentile.waits);
  const found = query.data?.answer;
  const asKnown = useMemo(() => windowOf(range, Date.now()), [range]);
  const traces = useMemo(() => (found?.data ?? []).map(summarize), [found]);
  const asked = [
    t('traces.query.of', { name }),
    t('traces.query.range', {
      range: range.kind === 'last' ? seconds(range.seconds) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) }),
    }),
    question.errors && t('traces.query.errors'),
    question.minDuration > 0 && t('traces.query.min', { duration: formatDuration(question.minDuration) }),
  ];
  const external = jaegerSearch(url, {
    service: found?.tracingServiceName ?? '',
    ...query.data?.window,
    limit: question.limit,
    ...(question.errors ? { tags: { error: 'true' } } : {}),
    ...(question.minDuration > 0 ? { minDuration: `${question.minDuration}us` } : {}),
  });
  return (
    <div data-testid="traces-tab">
      <Toolbar>
        <ToolbarContent alignItems="center">
          <ToolbarItem>
            <LimitChoice />
          </ToolbarItem>
          <ToolbarItem>
            <DurationField name="minDuration" label={t('traces.min')} />
          </ToolbarItem>
          <ToolbarItem>
            <Choice<Axis>
              label={t('traces.axis')}
              value={text('axis') === 'spans' ? 'spans' : 'full'}
              options={[
                { value: 'full', text: t('traces.axisFull') },
                { value: 'spans', text: t('traces.axisSpans') },
              ]}
              onChoose={(axis) => replace({ axis: axis === 'full' ? null : axis })}
            />
          </ToolbarItem>
          {percentile.measured && (
            <ToolbarItem>
              <PercentileChoice found={percentile} />
            </ToolbarItem>
          )}
          <ToolbarItem>
            <ErrorsOnly />
          </ToolbarItem>
          {external && found && (
            <ToolbarItem align={{ default: 'alignEnd' }}>
              <ExternalLink href={external} testId="view-search">
                {t('traces.external')}
              </ExternalLink>
            </ToolbarItem>
          )}
        </ToolbarContent>
      </Toolbar>
      {percentile.wanted !== '' && !percentile.waits && percentile.micros === 0 && (
        <Alert isInline variant="warning" title={t('traces.percentileUnknown', { name: `p${Number(percentile.wanted) * 100}` })} data-testid="percentile-unknown">
          {percentile.query.error?.message}
        </Alert>
      )}
      <Panel query={query} title={t('traces.failed')} reason={<Explanation kind={kind} namespace={namespace} name={name} window={asKnown} />}>
        {({ answer, window }) => (
          <>
            <MetaLine meta={answer.meta} />
            <TraceResults
              traces={traces}
              window={window}
              question={asked.filter(Boolean).join(', ')}
              limited={answer.meta.stoppedBy === 'limit'}
              filters={['errs', 'minDuration', 'percentile']}
              reason={<Explanation kind={kind} namespace={namespace} name={name} window={window} />}
              subject={kind === 'workloads' ? { workload: name, namespace } : undefined}
            />
          </>
        )}
      </Panel>
    </div>
  );
}
