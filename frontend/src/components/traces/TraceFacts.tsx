import { Button, Label } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { TraceRows } from '@/api/schema.gen';
import { useMeasured } from '@/api/heatmaps';
import { useTracingInfo, useWholeTrace } from '@/api/queries';
import { apiUrl } from '@/api/client';
import { ExternalLink } from '@/components/ExternalLink';
import { MetaLine } from '@/components/MetaLine';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { jaegerTrace } from '@/lib/jaegerLinks';
import { spanAverage } from '@/lib/scatter';
import { keeps } from '@/lib/spanFilters';
import { graphOf } from '@/lib/traceGraph';
import { useSpanFilters } from './SpanFilters';

// Saves the trace as the API gives it; it can be opened in Jaeger's own pages too, which read the same form.
function saveJson(traceId: string): void {
  const link = document.createElement('a');
  link.href = apiUrl(`api/traces/${encodeURIComponent(traceId)}`);
  link.download = `trace-${traceId}.json`;
  link.click();
}

// The graph of the namespaces that a trace touches, at its time, with it.
function graphPath(rows: TraceRows): string {
  const { namespaces, from, to } = graphOf(rows);
  const search = new URLSearchParams({ traceId: rows.traceID, namespaces: namespaces.join(','), from: String(from), to: String(to) });
  return `/graph?${search.toString()}`;
}

// The head of a trace: when, how long, how many spans, who took part, what failed, what is missing.
export function TraceFacts({ rows }: { rows: TraceRows }) {
  const t = useT();
  const { dateTime, ago, number } = useFormats();
  const url = useTracingInfo().data?.url;
  const measured = useMeasured();
  const external = jaegerTrace(url, rows.traceID);
  const here = rows.total <= rows.spans.length;
  const whole = useWholeTrace(rows.traceID, here).data;
  const services = whole
    ? new Set(Object.entries(whole.data.processes).filter(([id]) => id !== 'redacted').map(([, one]) => one.serviceName)).size
    : new Set(rows.spans.map((span) => span.service).filter((one) => one !== null)).size;
  const [filters] = useSpanFilters();
  const kept = here && filters.length > 0 ? rows.spans.filter((span) => keeps(filters, span)) : undefined;
  // With filters: how many of them are left, of how many.
  const of = (left: number | undefined, all: number) => (left === undefined ? number(all) : `${number(left)} / ${number(all)}`);
  const failed = kept?.filter((span) => span.error).length;
  const orphans = rows.spans.filter((span) => span.orphan).length;
  return (
    <div className="ms-trace-facts">
      <span>
        {t('trace.started')}: <strong>{dateTime(rows.startTime / 1000)}</strong> ({ago(rows.startTime / 1000)})
      </span>
      <span>
        {t('trace.duration')}: <strong data-testid="duration">{formatDuration(rows.duration)}</strong>
      </span>
      {here && (
        <span title={t('trace.averageHelp')}>
          {t('traces.axisSpans')}: <strong data-testid="average">{formatDuration(spanAverage(rows.spans))}</strong>
        </span>
      )}
      <Label color="blue" isCompact data-testid="span-count">
        {rows.total === 1 ? t('trace.oneSpan') : t('trace.spanCount', { count: of(kept?.length, rows.total) })}
      </Label>
      <Label color="blue" isCompact data-testid="app-count">
        {services === 1 ? t('trace.oneApp') : t('trace.apps', { count: of(kept && new Set(kept.map((span) => span.service)).size, services) })}
      </Label>
      <Label color={rows.errors === 0 ? 'green' : failed === 0 ? 'orange' : 'red'} isCompact data-testid="errors">
        {rows.errors === 1 && !kept ? t('trace.oneError') : t('trace.errors', { count: of(failed, rows.errors) })}
      </Label>
      {rows.hidden > 0 && (
        <Label color="grey" isCompact>
          {t('trace.hidden', { count: number(rows.hidden) })}
        </Label>
      )}
      {orphans > 0 && (
        <Label color="orange" isCompact data-testid="orphans">
          {t('trace.orphans', { count: number(orphans) })}
        </Label>
      )}
      <Button variant="link" isInline onClick={() => saveJson(rows.traceID)}>
        {t('trace.download')}
      </Button>
      {measured && (
        <Link to={graphPath(rows)} data-testid="show-on-graph">
          {t('graph.show')}
        </Link>
      )}
      {external && (
        <ExternalLink href={external} testId="view-trace">
          {t('traces.external')}
        </ExternalLink>
      )}
      <MetaLine meta={rows.meta} />
    </div>
  );
}

// The name of a trace: what its first root does.
export function rootName(rows: TraceRows): { name: string | null; service: string | null } {
  const root = rows.spans.find((span) => span.parentSpanID === null && !span.orphan && !span.redacted);
  return { name: root?.operationName ?? null, service: root?.service ?? null };
}
