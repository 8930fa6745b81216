import { Alert, Button, Label, Title } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { TraceOnGraph } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useTraceRows } from '@/components/traces/useTraceRows';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { callsOf } from '@/lib/graphView';
import { keepShared } from '@/lib/urls';

const kNoSight = { from: 0, to: 0 };
const kNone: readonly string[] = [];
const kMost = 200;

function Unplaced({ trace, onAdd }: { trace: TraceOnGraph; onAdd: (namespaces: readonly string[]) => void }) {
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
        absent.length > 0 && (
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

// The calls of the trace that lies over the graph, numbered as they are there.
export function TraceHops({ trace, node, nameOf, onAdd }: {
  trace: TraceOnGraph;
  node: string; // calls that touch it are told from the others
  nameOf: (id: string) => string;
  onAdd: (namespaces: readonly string[]) => void;
}) {
  const t = useT();
  const { search, push } = useUrlState();
  const rows = useTraceRows(trace.traceID, kNone, kNoSight);
  const operations = new Map(rows.spans.map((span) => [span.spanID, span.operationName]));
  const calls = callsOf(trace);
  return (
    <section aria-label={t('graph.trace')} data-testid="trace-hops">
      <div className="ms-row">
        <Title headingLevel="h2" size="md">
          <Link to={keepShared(`/traces/${trace.traceID}`, search)}>
            {t('graph.trace')} {trace.traceID.slice(0, 7)}
          </Link>
        </Title>
        {rows.query.data && <Label isCompact color="blue">{formatDuration(rows.query.data.duration)}</Label>}
        <Button variant="link" isInline onClick={() => push({ traceId: null })} aria-label={t('graph.traceClose')} data-testid="close-overlay">
          {t('graph.close')}
        </Button>
      </div>
      <Unplaced trace={trace} onAdd={onAdd} />
      <h3 className="ms-h2">{t('graph.hops')}</h3>
      <ol className="ms-hops">
        {calls.slice(0, kMost).map((hop) => {
          const [from, to] = [hop.nodes[0] ?? hop.node, hop.nodes.at(-1) ?? hop.node];
          return (
            <li key={hop.spanID} className={hop.nodes.includes(node) || hop.node === node ? 'ms-hop-here' : ''} data-testid="hop">
              <Link to={keepShared(`/traces/${trace.traceID}`, search, { spanId: hop.spanID })}>{operations.get(hop.spanID) ?? hop.spanID}</Link>{' '}
              <span className="ms-reason">
                {from === to ? nameOf(to) : `${nameOf(from)} → ${nameOf(to)}`}, {t('graph.after', { offset: formatDuration(hop.offset) })}, {formatDuration(hop.duration)}
              </span>{' '}
              {hop.error && <Label isCompact color="red">{t('graph.errors')}</Label>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
