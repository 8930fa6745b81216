import { useMemo } from 'react';
import { Alert } from '@patternfly/react-core';
import { Link } from 'react-router';
import { questionOf, useObjectGraph, useTraceOnGraph } from '@/api/graph';
import { useConfig, useTracingInfo } from '@/api/queries';
import type { Graph, GraphEdge } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { EdgeTable } from '@/components/graph/EdgeTable';
import { GraphCanvas } from '@/components/graph/GraphCanvas';
import { GraphSide } from '@/components/graph/GraphSide';
import { TraceHops } from '@/components/graph/TraceHops';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { Empty, Loading, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { callsOf, nodeName, numbersOf, overlayOf } from '@/lib/graphView';
import { keepShared, type Kind } from '@/lib/urls';
import { Reconcile } from './Reconcile';
import type { Subject } from './tabs';

const kNoMembers: ReadonlyMap<string, number> = new Map();
const kNoEdges: ReadonlyMap<string, readonly GraphEdge[]> = new Map();
const nothing = () => undefined; // there are no boxes here
const kNothing = { nodes: new Set<string>(), edges: new Set<string>() };

// The page itself among the nodes of its graph.
function isSelf(node: Graph['elements']['nodes'][number]['data'], { kind, namespace, name }: Subject): boolean {
  if (node.namespace !== namespace) return false;
  if (kind === 'services') return node.nodeType === 'service' && node.service === name;
  return kind === 'workloads' ? node.nodeType !== 'service' && node.workload === name : node.nodeType === 'app' && node.app === name;
}

const graphTypes: Record<Kind, string> = { workloads: 'workload', applications: 'app', services: 'workload' };

function Picture({ subject, graph }: { subject: Subject; graph: Graph }) {
  const t = useT();
  const { search, text, number, push } = useUrlState();
  const nodes = useMemo(() => graph.elements.nodes.map((one) => one.data).filter((one) => one.nodeType !== 'box'), [graph]);
  const edges = useMemo(() => graph.elements.edges.map((one) => one.data), [graph]);
  const shown = useMemo(() => ({ nodes, edges, boxes: [], members: kNoMembers }), [nodes, edges]);
  const names = useMemo(() => new Map(nodes.map((one) => [one.id, nodeName(one)])), [nodes]);
  const nameOf = (id: string) => names.get(id) ?? '';
  const namespaces = useMemo(() => [...new Set(nodes.filter((one) => !one.isInaccessible).map((one) => one.namespace))].sort(), [nodes]);
  const traceId = text('traceId');
  const trace = useTraceOnGraph(traceId, graph, questionOf(subject.kind, namespaces));
  const overlay = useMemo(() => (trace.data ? overlayOf(trace.data) : undefined), [trace.data]);
  const numbers = useMemo(() => (trace.data ? numbersOf(trace.data) : new Map<string, number>()), [trace.data]);
  const current = trace.data ? (callsOf(trace.data)[number('hop', 0) - 1]?.spanID ?? '') : '';
  const self = new Set(nodes.filter((one) => isSelf(one, subject)).map((one) => one.id));
  const sides = [
    { title: t('graph.inbound'), side: 'source' as const, edges: edges.filter((edge) => self.has(edge.target)) },
    { title: t('graph.outbound'), side: 'target' as const, edges: edges.filter((edge) => self.has(edge.source)) },
  ];
  const chosen = { node: text('node'), edge: text('edge') };
  const aside = chosen.node !== '' || chosen.edge !== '' || traceId !== '';
  const onGraph = keepShared('/graph', search, { namespaces: namespaces.join(','), graphType: graphTypes[subject.kind], traceId });
  return (
    <>
      <Link to={onGraph} data-testid="to-graph">{t('detail.toGraph')}</Link>
      <div className={aside ? 'ms-graph-page' : undefined}>
        <GraphCanvas
          shown={shown}
          label="rate"
          overlay={traceId === '' ? undefined : overlay}
          numbers={numbers}
          current={current}
          found={kNothing}
          chosen={chosen}
          onNode={(node) => push((now) => ({ node: now.flipped('node', node), edge: null }))}
          onEdge={(edge) => push((now) => ({ edge: now.flipped('edge', edge), node: null }))}
          onFold={nothing}
          onFoldAll={nothing}
        />
        {aside && <aside className="ms-panel">
          <GraphSide graph={graph} standsFor={kNoEdges} />
          {trace.error && (
            <Alert isInline variant="danger" title={t('graph.traceFailed')}>
              {trace.error.message}
            </Alert>
          )}
          {traceId !== '' && trace.isFetching && !trace.data && <Loading rows={3} />}
          {traceId !== '' && trace.data && <TraceHops trace={trace.data} node={chosen.node} nameOf={nameOf} />}
        </aside>}
      </div>
      {sides.map((one) => (
        <section key={one.title} aria-label={one.title} data-testid={`traffic-${one.side}`}>
          <h2 className="ms-h2">{one.title}</h2>
          {one.edges.length === 0 ? (
            <p className="ms-reason">{t('graph.nothing')}</p>
          ) : (
            <EdgeTable edges={one.edges} label={one.title} nameOf={nameOf} side={one.side} onEdge={(edge) => push({ edge, node: null })} />
          )}
        </section>
      ))}
    </>
  );
}

// Whom the object calls and who calls it, as a picture and as tables.
export function TrafficTab(subject: Subject) {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const [range] = useTimeRange();
  const config = useConfig().data;
  const measured = config?.prometheus.enabled === true;
  const traced = useTracingInfo().data?.integration === true;
  const query = useObjectGraph(subject.kind, subject.namespace, subject.name, range, measured);
  const where = range.kind === 'last' ? t('range.last', { duration: seconds(range.seconds) }) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) });
  if (!config) return <Loading />;
  if (!measured) return <Empty title={t('metrics.off')}>{config.prometheus.disabledReason ?? t('metrics.offText')}</Empty>;
  return (
    <div data-testid="traffic-tab">
      <Panel query={query} title={t('graph.failed')}>
        {(graph) => (
          <>
            {partsMissing(graph.meta, t).length > 0 && <MetaLine meta={graph.meta} />}
            {graph.elements.edges.length === 0 ? (
              <Empty title={t('graph.none')}>{t('detail.noTraffic', { name: subject.name, range: where })}</Empty>
            ) : (
              <Picture subject={subject} graph={graph} />
            )}
          </>
        )}
      </Panel>
      {traced && subject.kind === 'workloads' && <Reconcile namespace={subject.namespace} name={subject.name} />}
    </div>
  );
}
