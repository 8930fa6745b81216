import { useMemo } from 'react';
import { Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useSubjectTraces, useTracingInfo } from '@/api/queries';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
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
import { summarize } from '@/lib/traceSummary';

export function TracesTab({ kind, namespace, name }: { kind: Kind; namespace: string; name: string }) {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const { text, number, flag, replace } = useUrlState();
  const [range] = useTimeRange();
  const url = useTracingInfo().data?.url;
  const question = { limit: number('limit', kDefaultLimit), errors: flag('errs'), minDuration: number('minDuration', 0) };
  const query = useSubjectTraces(kind, namespace, name, range, question);
  const found = query.data?.answer;
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
      <Panel query={query} title={t('traces.failed')}>
        {({ answer, window }) => (
          <>
            <MetaLine meta={answer.meta} />
            <TraceResults
              traces={traces}
              window={window}
              question={asked.filter(Boolean).join(', ')}
              limited={answer.meta.stoppedBy === 'limit'}
              filters={['errs', 'minDuration']}
              subject={kind === 'workloads' ? { workload: name, namespace } : undefined}
            />
          </>
        )}
      </Panel>
    </div>
  );
}
