import { Checkbox, ExpandableSection, Title } from '@patternfly/react-core';
import { useHeatmap, useMeasured, type HeatmapSubject } from '@/api/heatmaps';
import { useSettings } from '@/app/settings';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import type { Scale } from '@/lib/heatmap';
import { HeatGrid } from './HeatGrid';

function useLook(): { scale: Scale; at: 'trace' | 'now' } {
  const { text } = useUrlState();
  return { scale: text('heatScale') === 'relative' ? 'relative' : 'absolute', at: text('heatAt') === 'now' ? 'now' : 'trace' };
}

function Look({ scale, at }: ReturnType<typeof useLook>) {
  const t = useT();
  const { replace } = useUrlState();
  const { settings, change } = useSettings();
  return (
    <div className="ms-row">
      <Choice<Scale>
        label={t('heat.scale')}
        value={scale}
        options={(['absolute', 'relative'] as const).map((value) => ({ value, text: t(`heat.${value}`) }))}
        onChoose={(value) => replace({ heatScale: value === 'relative' ? value : null })}
      />
      <Choice
        label={t('heat.at')}
        value={at}
        options={[
          { value: 'trace' as const, text: t('heat.atTrace') },
          { value: 'now' as const, text: t('heat.atNow') },
        ]}
        onChoose={(value) => replace({ heatAt: value === 'now' ? value : null })}
      />
      <Checkbox id="safe-colors" label={t('heat.safe')} isChecked={settings.safeColors} onChange={(_, on) => change({ safeColors: on })} />
    </div>
  );
}

type Shown = { traceId: string; subject?: HeatmapSubject | undefined };

function TraceGrid({ traceId, subject }: Shown) {
  const t = useT();
  const { dateTime } = useFormats();
  const look = useLook();
  const query = useHeatmap(traceId, subject, look.at);
  const basis = subject ? t('heat.basisOf', { workload: subject.workload }) : t('heat.basisAll');
  return (
    <>
      <Look {...look} />
      <Panel query={query} title={t('heat.failed')}>
        {(data) => (
          <>
            <HeatGrid
              cells={data.trace.cells}
              intervals={data.intervals}
              stats={data.stats}
              label={t('heat.title')}
              name="heat"
              scale={look.scale}
              about={subject && t('heat.of', { direction: t('heat.inbound'), workload: subject.workload })}
            >
              <p className="ms-reason">{t('heat.basis', { basis, time: dateTime(data.evaluatedAt / 1000) })}</p>
            </HeatGrid>
            {partsMissing(data.meta, t).length > 0 && <MetaLine meta={data.meta} />}
          </>
        )}
      </Panel>
    </>
  );
}

// A trace held against what was measured: with `subject` its request to that workload, else the mean over its requests.
export function TraceHeatmap(shown: Shown) {
  const t = useT();
  const { text, replace } = useUrlState();
  const open = text('heat') !== 'off';
  if (!useMeasured()) return null;
  return (
    <section aria-label={t('heat.title')} data-testid="trace-heatmap">
      <ExpandableSection toggleText={t('heat.title')} toggleWrapper="h3" isExpanded={open} onToggle={(_, now) => replace({ heat: now ? null : 'off' })}>
        {open && <TraceGrid {...shown} />}
      </ExpandableSection>
    </section>
  );
}

export function SpanHeatmap({ traceId, spanId, subject }: { traceId: string; spanId: string; subject?: HeatmapSubject | undefined }) {
  const t = useT();
  const { scale, at } = useLook();
  const query = useHeatmap(traceId, subject, at);
  if (!useMeasured()) return null;
  return (
    <section aria-label={t('heat.spanTitle')} data-testid="span-heatmap">
      <Title headingLevel="h4" size="md">
        {t('heat.spanTitle')}
      </Title>
      <Panel query={query} title={t('heat.failed')}>
        {(data) => {
          const span = data.spans.find((one) => one.spanID === spanId);
          if (!span) return <p className="ms-reason">{t('heat.allMissing', { reason: t('heat.reason.limit') })}</p>;
          const about = span.target ? t('heat.of', { direction: t(`heat.${span.direction}`), workload: span.target.name }) : undefined;
          return (
            <HeatGrid key={spanId} cells={span.cells} intervals={data.intervals} stats={data.stats} label={t('heat.spanTitle')} name="spanHeat" scale={scale} about={about} />
          );
        }}
      </Panel>
    </section>
  );
}
