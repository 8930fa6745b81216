import { useMemo } from 'react';
import { useGraph, useTraceOnGraph, type GraphQuestion } from '@/api/graph';
import { useConfig } from '@/api/queries';
import type { Graph, TraceOnGraph, TraceRows } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { GraphCanvas } from '@/components/graph/GraphCanvas';
import { TraceHops } from '@/components/graph/TraceHops';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { Empty, Loading, Panel } from '@/components/states';
import { useT } from '@/i18n';
import { callsOf, nodeName, numbersOf, overlayOf } from '@/lib/graphView';
import { graphOf, touched } from '@/lib/traceGraph';
import type { TimeRange } from '@/lib/range';

const kNothing = { nodes: new Set<string>(), edges: new Set<string>() };
const kNoMembers: ReadonlyMap<string, number> = new Map();
const nothing = () => undefined; // there are no boxes here

function Picture({ graph, trace }: { graph: Graph; trace: TraceOnGraph }) {
  const t = useT();
  const { text, number, push } = useUrlState();
  const overlay = useMemo(() => overlayOf(trace), [trace]);
  const numbers = useMemo(() => numbersOf(trace), [trace]);
  const shown = useMemo(() => ({ ...touched(graph, overlay), boxes: [], members: kNoMembers }), [graph, overlay]);
  const names = useMemo(() => new Map(graph.elements.nodes.map((one) => [one.data.id, nodeName(one.data)])), [graph]);
  const chosen = { node: text('node'), edge: text('edge') };
  const current = callsOf(trace)[number('hop', 0) - 1]?.spanID ?? '';
  return (
    <div className={text('spanId') === '' ? 'ms-graph-page' : undefined}>
      {shown.nodes.length === 0 ? (
        <Empty title={t('graph.none')}>{t('traceGraph.nowhere')}</Empty>
      ) : (
        <GraphCanvas
          shown={shown}
          label="none"
          overlay={overlay}
          numbers={numbers}
          current={current}
          found={kNothing}
          chosen={chosen}
          parameter="area"
          onNode={(node) => push((now) => ({ node: now.flipped('node', node), edge: null }))}
          onEdge={(edge) => push((now) => ({ edge: now.flipped('edge', edge), node: null }))}
          onFold={nothing}
          onFoldAll={nothing}
        />
      )}
      <aside className="ms-panel">
        <TraceHops trace={trace} node={chosen.node} nameOf={(id) => names.get(id) ?? ''} onSpan={(spanId) => push({ spanId })} />
      </aside>
    </div>
  );
}

// The calls of the trace on the traffic of its time: only what it touched.
export function TraceGraph({ rows }: { rows: TraceRows }) {
  const t = useT();
  const config = useConfig().data;
  const measured = config?.prometheus.enabled === true;
  const of = useMemo(() => graphOf(rows), [rows]);
  const range: TimeRange = { kind: 'between', from: of.from, to: of.to };
  const question: GraphQuestion = { namespaces: of.namespaces, graphType: 'workload', boxBy: 'none', services: false, idle: false };
  const query = useGraph(range, question, measured && of.namespaces.length > 0);
  const lying = useTraceOnGraph(rows.traceID, query.data, question);
  if (!config) return <Loading />;
  if (!measured) return <Empty title={t('metrics.off')}>{config.prometheus.disabledReason ?? t('metrics.offText')}</Empty>;
  if (of.namespaces.length === 0) return <Empty title={t('graph.none')}>{t('traceLogs.nobody')}</Empty>;
  return (
    <div data-testid="trace-graph">
      <Panel query={query} title={t('graph.failed')}>
        {(graph) => (
          <>
            {partsMissing(graph.meta, t).length > 0 && <MetaLine meta={graph.meta} />}
            <Panel query={lying} title={t('graph.traceFailed')}>
              {(trace) => <Picture graph={graph} trace={trace} />}
            </Panel>
          </>
        )}
      </Panel>
    </div>
  );
}
