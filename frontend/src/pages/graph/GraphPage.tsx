import { useMemo, useState } from 'react';
import { Alert, Checkbox, ExpandableSection, PageSection, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useGraph, useTraceOnGraph, type GraphQuestion } from '@/api/graph';
import { useConfig, useNamespaces } from '@/api/queries';
import type { Graph, TraceOnGraph } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useChosenNamespaces, useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { EdgeTable } from '@/components/graph/EdgeTable';
import { GraphCanvas } from '@/components/graph/GraphCanvas';
import { GraphSide } from '@/components/graph/GraphSide';
import { TraceHops } from '@/components/graph/TraceHops';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Loading, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { kEdgeLabels, kGraphTypes, nodeName, numbersOf, overlayOf, type EdgeLabel, type GraphType } from '@/lib/graphView';

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
    services: flag('injectServiceNodes'),
    idle: flag('idle'),
  };
}

const labelOf = (text: string): EdgeLabel => kEdgeLabels.find((one) => one === text) ?? 'rate';

function Controls({ question }: { question: GraphQuestion }) {
  const t = useT();
  const { text, replace } = useUrlState();
  return (
    <Toolbar>
      <ToolbarContent alignItems="center">
        <ToolbarItem>
          <Choice<GraphType>
            label={t('graph.type')}
            value={question.graphType}
            options={kGraphTypes.map((value) => ({ value, text: t(`graph.type.${value}`) }))}
            onChoose={(value) => replace({ graphType: value, node: null, edge: null })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice<EdgeLabel>
            label={t('graph.label')}
            value={labelOf(text('edges'))}
            options={kEdgeLabels.map((value) => ({ value, text: t(`graph.label.${value}`) }))}
            onChoose={(value) => replace({ edges: value === 'rate' ? null : value })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Checkbox id="graph-services" label={t('graph.services')} isChecked={question.services} onChange={(_, on) => replace({ injectServiceNodes: on ? 'true' : null })} />
        </ToolbarItem>
        <ToolbarItem>
          <Checkbox id="graph-idle" label={t('graph.idle')} isChecked={question.idle} onChange={(_, on) => replace({ idle: on ? 'true' : null })} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

function View({ graph, trace, traceError, question }: { graph: Graph; trace: TraceOnGraph | undefined; traceError: Error | null; question: GraphQuestion }) {
  const t = useT();
  const { text, push } = useUrlState();
  const [, choose] = useChosenNamespaces();
  const [open, setOpen] = useState(false);
  const overlay = useMemo(() => (trace ? overlayOf(trace) : undefined), [trace]);
  const numbers = useMemo(() => (trace ? numbersOf(trace) : new Map<string, number>()), [trace]);
  const names = useMemo(() => new Map(graph.elements.nodes.map((one) => [one.data.id, nodeName(one.data)])), [graph]);
  const nameOf = (id: string) => names.get(id) ?? '';
  const edges = useMemo(() => graph.elements.edges.map((one) => one.data), [graph]);
  return (
    <div className="ms-graph-page">
      <div>
        <GraphCanvas
          graph={graph}
          label={labelOf(text('edges'))}
          overlay={overlay}
          numbers={numbers}
          chosen={{ node: text('node'), edge: text('edge') }}
          onNode={(node) => push({ node: node === text('node') ? null : node, edge: null })}
          onEdge={(edge) => push({ edge: edge === text('edge') ? null : edge, node: null })}
        />
        <ExpandableSection toggleText={t('graph.table')} isExpanded={open} onToggle={(_, now) => setOpen(now)}>
          {open && <EdgeTable edges={edges} label={t('graph.title')} nameOf={nameOf} side="both" onEdge={(edge) => push({ edge, node: null })} />}
        </ExpandableSection>
      </div>
      <aside className="ms-panel">
        <GraphSide graph={graph} />
        {traceError && (
          <Alert isInline variant="danger" title={t('graph.traceFailed')} data-testid="overlay-failed">
            {traceError.message}
          </Alert>
        )}
        {trace && (
          <TraceHops trace={trace} node={text('node')} nameOf={nameOf} onAdd={(more) => choose([...new Set([...question.namespaces, ...more])])} />
        )}
      </aside>
    </div>
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
      <Controls question={question} />
      <Panel query={query} title={t('graph.failed')}>
        {(graph) => (
          <>
            <MetaLine meta={graph.meta} />
            {graph.elements.nodes.length === 0 ? (
              <Empty title={t('graph.none')}>{t('graph.noneText', { namespaces: question.namespaces.join(', '), range: where })}</Empty>
            ) : (
              <View graph={graph} trace={traceId === '' ? undefined : trace.data} traceError={traceId === '' ? null : trace.error} question={question} />
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
