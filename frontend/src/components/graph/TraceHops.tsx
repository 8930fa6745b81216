import { Alert, Button, Label, Title } from '@patternfly/react-core';
import { Link } from 'react-router';
import { useTracingInfo } from '@/api/queries';
import type { TraceOnGraph } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { ExternalLink } from '@/components/ExternalLink';
import { useTraceRows, type Rows } from '@/components/traces/useTraceRows';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { kUnfolded } from '@/lib/folding';
import { callsOf, type Hop } from '@/lib/graphView';
import { jaegerTrace } from '@/lib/jaegerLinks';
import { keepShared } from '@/lib/urls';
import { HopSteps } from './HopSteps';
import { SpanLink, SpansHere } from './SpansHere';

const kNoSight = { from: 0, to: 0 };
const kMost = 200;

function Unplaced({ trace, onAdd }: { trace: TraceOnGraph; onAdd: ((namespaces: readonly string[]) => void) | undefined }) {
  const t = useT();
  if (trace.unplaced.length === 0) return null;
  const reasons = new Map<string, number>();
  for (const one of trace.unplaced) {
    const said = t(`graph.reason.${one.reason}`, { namespace: one.namespace ?? '', workload: one.workload ?? '' });
    reasons.set(said, (reasons.get(said) ?? 0) + 1);
  }
  const absent = [...new Set(trace.unplaced.flatMap((one) => (one.reason === 'namespace_not_on_graph' && one.namespace ? [one.namespace] : [])))];
  return (
    <Alert
      isInline
      variant="info"
      title={t('graph.unplaced', { count: trace.unplaced.length, total: trace.total })}
      data-testid="unplaced"
      actionLinks={
        onAdd && absent.length > 0 && (
          <Button variant="link" isInline onClick={() => onAdd(absent)}>
            {t('graph.addNamespaces', { names: absent.join(', ') })}
          </Button>
        )
      }
    >
      <ul>
        {[...reasons].map(([said, count]) => (
          <li key={said}>
            {count}: {said}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

// When the trace began, how long it took, how many of its spans failed, and where else to look at it.
function Head({ traceId, rows }: { traceId: string; rows: Rows }) {
  const t = useT();
  const { ago } = useFormats();
  const { search, push } = useUrlState();
  const external = jaegerTrace(useTracingInfo().data?.url, traceId);
  const found = rows.query.data;
  return (
    <>
      <div className="ms-row">
        <Title headingLevel="h2" size="md">
          <Link to={keepShared(`/traces/${traceId}`, search)}>
            {t('graph.trace')} {traceId.slice(0, 7)}
          </Link>
        </Title>
        {external && <ExternalLink href={external}>{t('traces.external')}</ExternalLink>}
        <Button variant="link" isInline onClick={() => push({ traceId: null, hop: null })} aria-label={t('graph.traceClose')} data-testid="close-overlay">
          {t('graph.close')}
        </Button>
      </div>
      {found && (
        <p className="ms-row" data-testid="overlay-facts">
          <Label isCompact color="blue">{formatDuration(found.duration)}</Label>
          <Label isCompact color={found.errors > 0 ? 'red' : 'green'}>
            {found.errors === 1 ? t('trace.oneError') : t('trace.errors', { count: found.errors })}
          </Label>
          <span className="ms-reason">{ago(found.startTime / 1000)}</span>
        </p>
      )}
    </>
  );
}

// The calls of the trace that lies over the graph, numbered as they are there.
export function TraceHops({ trace, node, nameOf, onAdd, onSpan }: {
  trace: TraceOnGraph;
  node: string; // calls that touch it are told from the others
  nameOf: (id: string) => string;
  onAdd?: (namespaces: readonly string[]) => void; // to the graph
  onSpan?: (spanId: string) => void; // on the page of the trace itself: it has a head, and shows a span beside
}) {
  const t = useT();
  const { number } = useUrlState();
  const rows = useTraceRows(trace.traceID, kUnfolded, kNoSight);
  const operations = new Map(rows.spans.map((span) => [span.spanID, span.operationName]));
  const calls = callsOf(trace);
  const said = (hop: Hop) => {
    const [from, to] = [hop.nodes[0] ?? hop.node, hop.nodes.at(-1) ?? hop.node];
    return from === to ? nameOf(to) : `${nameOf(from)} → ${nameOf(to)}`;
  };
  const here = new Set(trace.hops.filter((hop) => hop.node === node).map((hop) => hop.spanID));
  return (
    <section aria-label={t('graph.trace')} data-testid="trace-hops">
      {!onSpan && <Head traceId={trace.traceID} rows={rows} />}
      <Unplaced trace={trace} onAdd={onAdd} />
      <SpansHere traceId={trace.traceID} name={nameOf(node)} spans={rows.spans.filter((span) => here.has(span.spanID))} onSpan={onSpan} />
      <h3 className="ms-h2">{t('graph.hops')}</h3>
      <HopSteps calls={calls} said={said} />
      <ol className="ms-hops">
        {calls.slice(0, kMost).map((hop, at) => (
          <li
            key={hop.spanID}
            className={hop.nodes.includes(node) || hop.node === node ? 'ms-hop-here' : ''}
            aria-current={number('hop', 0) === at + 1 ? 'step' : undefined}
            data-testid="hop"
          >
            <SpanLink traceId={trace.traceID} spanId={hop.spanID} onSpan={onSpan}>
              {operations.get(hop.spanID) ?? hop.spanID}
            </SpanLink>{' '}
            <span className="ms-reason">
              {said(hop)}, {t('graph.after', { offset: formatDuration(hop.offset) })}, {formatDuration(hop.duration)}
            </span>{' '}
            {hop.error && <Label isCompact color="red">{t('graph.errors')}</Label>}
          </li>
        ))}
      </ol>
      {calls.length > kMost && <p className="ms-reason">{t('graph.moreCalls', { count: calls.length - kMost })}</p>}
    </section>
  );
}
