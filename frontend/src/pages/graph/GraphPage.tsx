import { useMemo } from 'react';
import { Alert, Button, PageSection } from '@patternfly/react-core';
import { useGraph, useTraceOnGraph, type GraphQuestion } from '@/api/graph';
import { useConfig, useNamespaces } from '@/api/queries';
import type { Graph, GraphNode, TraceOnGraph } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useChosenNamespaces, useUrlState } from '@/app/urlState';
import { Foldout } from '@/components/Foldout';
import { EdgeTable } from '@/components/graph/EdgeTable';
import { GraphCanvas } from '@/components/graph/GraphCanvas';
import { GraphControls, GraphSearch, labelOf } from '@/components/graph/GraphControls';
import { GraphSide } from '@/components/graph/GraphSide';
import { Legend } from '@/components/graph/Legend';
import { NodeTable } from '@/components/graph/NodeTable';
import { TraceHops } from '@/components/graph/TraceHops';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Loading, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { collapse } from '@/lib/graphCollapse';
import { find, searchOf, without } from '@/lib/graphFind';
import { callsOf, kBoxes, kGraphTypes, nodeName, numbersOf, overlayOf, overlayOn } from '@/lib/graphView';
import { namesIn, withName } from '@/lib/listed';
import { wider } from '@/lib/range';

const kAtMost = 50; // namespaces, when none are chosen

function useQuestion(): GraphQuestion | undefined {
  const { text, flag } = useUrlState();
  const [chosen] = useChosenNamespaces();
  const all = useNamespaces().data?.data;
  const type = text('graphType');
  const namespaces = chosen.length > 0 ? chosen : all?.map((one) => one.name).slice(0, kAtMost);
  if (!namespaces) return undefined;
  return {
    namespaces,
    graphType: kGraphTypes.find((one) => one === type) ?? 'versionedApp',
    boxBy: kBoxes.find((one) => one === text('boxBy')) ?? 'none',
    services: flag('injectServiceNodes'),
    idle: flag('idle'),
  };
}

const parts = (graph: Graph) => {
  const all = graph.elements.nodes.map((one) => one.data);
  return { nodes: all.filter((one) => one.nodeType !== 'box'), boxes: all.filter((one) => one.nodeType === 'box'), edges: graph.elements.edges.map((one) => one.data) };
};

const kPrefix = 12; // digits of an id in the address
const nameOfBox = (id: string): string => id.slice(0, kPrefix);

// Boxes that the address says are closed.
function useClosed(boxes: readonly GraphNode[]) {
  const { text, replace } = useUrlState();
  const named = text('closed');
  const closed = useMemo(() => {
    const names = namesIn(named);
    return new Set(boxes.map((box) => box.id).filter((id) => names.includes(nameOfBox(id))));
  }, [boxes, named]);
  const set = (ids: readonly string[]) => replace({ closed: ids.map(nameOfBox).join(','), view: null });
  const flip = (id: string) => replace((now) => ({ closed: withName(now.text('closed'), nameOfBox(id)), view: null }));
  return { closed, set, flip };
}

// What the address looks for, and what it takes away.
function useSearches(graph: Graph) {
  const { text } = useUrlState();
  const [findText, hideText] = [text('find'), text('hide')];
  return useMemo(() => {
    const { nodes, boxes, edges } = parts(graph);
    const [looked, taken] = [searchOf(findText), searchOf(hideText)];
    const hidden = find(taken, nodes, edges);
    const left = without(hidden, nodes, edges);
    const found = find(looked, left.nodes, left.edges);
    return {
      shown: { ...left, boxes },
      found,
      findState: { wrong: looked.wrong, count: found.nodes.size + found.edges.size },
      hideState: { wrong: taken.wrong, count: nodes.length - left.nodes.length + edges.length - left.edges.length },
    };
  }, [graph, findText, hideText]);
}

type Lying = { data: TraceOnGraph | undefined; error: Error | null; pending: boolean };

function View({ graph, lying, question }: { graph: Graph; lying: Lying; question: GraphQuestion }) {
  const t = useT();
  const { text, number, push } = useUrlState();
  const [, choose] = useChosenNamespaces();
  const { shown: all, found: looked, findState, hideState } = useSearches(graph);
  const { closed, set, flip } = useClosed(all.boxes);
  const shown = useMemo(() => collapse(all, closed), [all, closed]);
  const found = useMemo(() => ({ nodes: new Set([...looked.nodes].map(shown.nodeOf)), edges: new Set([...looked.edges].map(shown.edgeOf)) }), [looked, shown]);
  const trace = lying.data;
  const overlay = useMemo(() => (trace ? overlayOn(overlayOf(trace), shown.nodeOf, shown.edgeOf) : undefined), [trace, shown]);
  const numbers = useMemo(() => (trace ? numbersOf(trace) : new Map<string, number>()), [trace]);
  const current = trace ? (callsOf(trace)[number('hop', 0) - 1]?.spanID ?? '') : '';
  const names = useMemo(() => new Map(graph.elements.nodes.map((one) => [one.data.id, nodeName(one.data)])), [graph]);
  const nameOf = (id: string) => names.get(id) ?? '';
  // Beside the picture, once there is something to tell.
  const aside = text('node') !== '' || text('edge') !== '' || lying.pending || lying.error !== null || trace !== undefined;
  const next = () =>
    push((now) => {
      const all = [...found.nodes, ...found.edges];
      const chosen = all[(all.indexOf(now.text('node') || now.text('edge')) + 1) % Math.max(1, all.length)];
      if (chosen === undefined) return {};
      return found.nodes.has(chosen) ? { node: chosen, edge: null } : { edge: chosen, node: null };
    });
  return (
    <>
      <GraphSearch found={findState} hidden={hideState} onNext={next} />
      <div className={aside ? 'ms-graph-page' : undefined}>
        <div>
          <GraphCanvas
            shown={shown}
            label={labelOf(text('edges'))}
            overlay={overlay}
            numbers={numbers}
            current={current}
            found={found}
            chosen={{ node: shown.nodeOf(text('node')), edge: shown.edgeOf(text('edge')) }}
            onNode={(node) => push((now) => ({ node: now.flipped('node', node), edge: null }))}
            onEdge={(edge) => push((now) => ({ edge: now.flipped('edge', edge), node: null }))}
            onFold={flip}
            onFoldAll={set}
          />
          <Legend />
          <Foldout list="tables" name="graph" title={t('graph.table')}>
            {() => (
              <>
                <NodeTable nodes={shown.nodes} edges={shown.edges} overlay={overlay} nameOf={nameOf} onNode={(node) => push({ node, edge: null })} />
                <EdgeTable edges={shown.edges} label={t('graph.title')} nameOf={nameOf} side="both" onEdge={(edge) => push({ edge, node: null })} />
              </>
            )}
          </Foldout>
        </div>
        {aside ? (
          <aside className="ms-panel">
            <GraphSide graph={graph} standsFor={shown.edgesOf} />
            {lying.error && (
              <Alert isInline variant="danger" title={t('graph.traceFailed')} data-testid="overlay-failed">
                {lying.error.message}
              </Alert>
            )}
            {lying.pending && <Loading rows={3} />}
            {trace && <TraceHops trace={trace} node={text('node')} nameOf={nameOf} onAdd={(more) => choose((now) => [...new Set([...(now.length > 0 ? now : question.namespaces), ...more])])} />}
          </aside>
        ) : (
          <p className="ms-reason">{t('graph.select')}</p>
        )}
      </div>
    </>
  );
}

function Nothing({ question, where }: { question: GraphQuestion; where: string }) {
  const t = useT();
  const { replace } = useUrlState();
  const [, setRange] = useTimeRange();
  return (
    <Empty
      title={t('graph.none')}
      actions={
        <>
          <Button variant="secondary" onClick={() => setRange(wider)}>
            {t('graph.tryWider')}
          </Button>
          {!question.idle && (
            <Button variant="link" onClick={() => replace({ idle: 'true' })}>
              {t('graph.tryIdle')}
            </Button>
          )}
        </>
      }
    >
      {t('graph.noneText', { namespaces: question.namespaces.join(', '), range: where })} {t('graph.noneWhy')}
    </Empty>
  );
}

function Body({ question }: { question: GraphQuestion }) {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const { text } = useUrlState();
  const [range] = useTimeRange();
  const query = useGraph(range, question, question.namespaces.length > 0);
  const traceId = text('traceId');
  const trace = useTraceOnGraph(traceId, query.data, question);
  const where = range.kind === 'last' ? t('range.last', { duration: seconds(range.seconds) }) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) });
  if (question.namespaces.length === 0) return <Empty title={t('graph.noNamespaces')}>{t('overview.noneText')}</Empty>;
  return (
    <>
      <GraphControls question={question} />
      <Panel query={query} title={t('graph.failed')}>
        {(graph) => (
          <>
            <MetaLine meta={graph.meta} />
            {graph.elements.nodes.length === 0 ? (
              <Nothing question={question} where={where} />
            ) : (
              <View
                graph={graph}
                lying={traceId === '' ? { data: undefined, error: null, pending: false } : { data: trace.data, error: trace.error, pending: trace.isFetching && !trace.data }}
                question={question}
              />
            )}
          </>
        )}
      </Panel>
    </>
  );
}

export function GraphPage() {
  const t = useT();
  const config = useConfig().data;
  const question = useQuestion();
  return (
    <>
      <PageHead title={t('graph.title')} range />
      <PageSection>
        {config && !config.prometheus.enabled ? (
          <Empty title={t('metrics.off')}>{config.prometheus.disabledReason ?? t('metrics.offText')}</Empty>
        ) : config && question ? (
          <Body question={question} />
        ) : (
          <Loading />
        )}
      </PageSection>
    </>
  );
}
