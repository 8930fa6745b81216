import { useMemo } from 'react';
import { Button, Label, Tab, Tabs, TabTitleText, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { useSubjectTraces, useTracingInfo } from '@/api/queries';
import type { Graph, GraphEdge, GraphNode } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { Explanation } from '@/components/Explanation';
import { HealthLabel } from '@/components/HealthLabel';
import { Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { badgesOf, healthOf, hostsOf } from '@/lib/graphBadges';
import { membersOf } from '@/lib/graphBoxes';
import { nodeName, nodeSubject } from '@/lib/graphView';
import { windowOf } from '@/lib/range';
import { keepShared, subjectPath, type Kind } from '@/lib/urls';
import { summarize } from '@/lib/traceSummary';
import { kBadgeIcons } from './badges';
import { EdgeTable } from './EdgeTable';

const kTraces = 20;

function NodeTraces({ kind, namespace, name }: { kind: Kind; namespace: string; name: string }) {
  const t = useT();
  const { ago } = useFormats();
  const { search, text, push } = useUrlState();
  const [range] = useTimeRange();
  const query = useSubjectTraces(kind, namespace, name, range, { limit: kTraces, errors: false, minDuration: 0 });
  const found = query.data?.answer.data;
  const asKnown = useMemo(() => windowOf(range, Date.now()), [range]);
  const traces = useMemo(() => (found ?? []).map(summarize), [found]);
  const chosen = text('traceId');
  return (
    <Panel query={query} title={t('traces.failed')} reason={<Explanation kind={kind} namespace={namespace} name={name} window={asKnown} />}>
      {({ window }) => (
        <>
          {traces.length === 0 && (
            <>
              <p className="ms-reason">{t('graph.noTraces', { name })}</p>
              <Explanation kind={kind} namespace={namespace} name={name} window={window} />
            </>
          )}
          <ul className="ms-recent" data-testid="graph-traces">
            {traces.map((one) => (
              <li key={one.traceId} data-trace={one.traceId}>
                <button
                  type="button"
                  className="ms-link"
                  aria-pressed={one.traceId === chosen}
                  onClick={() => push((now) => ({ traceId: now.flipped('traceId', one.traceId) }))}
                >
                  {one.name ?? t('traces.missingRoot')}
                </button>
                <span className={one.errors > 0 ? 'ms-bad-text' : ''}>
                  {formatDuration(one.duration)}, {t('trace.spanCount', { count: one.spans })}, {ago(one.startTime / 1000)}
                </span>
              </li>
            ))}
          </ul>
          <Link to={keepShared(subjectPath(kind, namespace, name), search, { tab: 'traces' })}>{t('graph.showTraces')}</Link>
        </>
      )}
    </Panel>
  );
}

function Responses({ edge }: { edge: GraphEdge }) {
  const t = useT();
  const rows = Object.entries(edge.traffic.responses ?? {});
  if (rows.length === 0) return null;
  return (
    <Table aria-label={t('graph.responses')} variant="compact" borders={false}>
      <Thead>
        <Tr>
          <Th>{t('graph.code')}</Th>
          <Th>{t('graph.flags')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {rows.map(([code, { flags = {} }]) => (
          <Tr key={code}>
            <Td dataLabel={t('graph.code')}>{code}</Td>
            <Td dataLabel={t('graph.flags')}>
              {Object.entries(flags).map(([flag, share]) => (
                <div key={flag}>
                  {flag} {share} %
                </div>
              ))}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

// Of a box the traffic is that of its members: what comes in, what goes out, and what stays inside.
function NodeSide({ node, members, edges, nameOf, onEdge }: {
  node: GraphNode;
  members: ReadonlySet<string>;
  edges: readonly GraphEdge[];
  nameOf: (id: string) => string;
  onEdge: (id: string) => void;
}) {
  const t = useT();
  const { search, text, replace } = useUrlState();
  const tracing = useTracingInfo().data?.integration === true;
  const subject = nodeSubject(node);
  const tab = text('graphTab') === 'traces' && tracing && subject ? 'traces' : 'traffic';
  const isBox = node.nodeType === 'box';
  const of = (from: boolean, to: boolean) => edges.filter((edge) => members.has(edge.source) === from && members.has(edge.target) === to);
  const sides = isBox
    ? [
        { title: t('graph.inbound'), side: 'both' as const, edges: of(false, true) },
        { title: t('graph.outbound'), side: 'both' as const, edges: of(true, false) },
        { title: t('graph.inside'), side: 'both' as const, edges: of(true, true) },
      ]
    : [
        { title: t('graph.inbound'), side: 'source' as const, edges: edges.filter((edge) => edge.target === node.id) },
        { title: t('graph.outbound'), side: 'target' as const, edges: edges.filter((edge) => edge.source === node.id) },
      ];
  return (
    <>
      <Title headingLevel="h2" size="md">
        {nodeName(node)} <small className="ms-reason">{isBox ? t('graph.members', { count: members.size }) : node.namespace}</small>{' '}
        {subject && <Link to={keepShared(subjectPath(subject.kind, subject.namespace, subject.name), search)}>{t('graph.details')}</Link>}
      </Title>
      <Marks node={node} />
      <Tabs activeKey={tab} onSelect={(_, key) => replace({ graphTab: key === 'traces' ? 'traces' : null })} aria-label={nodeName(node)}>
        <Tab eventKey="traffic" title={<TabTitleText>{t('graph.traffic')}</TabTitleText>}>
          {tab === 'traffic' &&
            sides.map((one) => (
              <div key={one.title}>
                <h3 className="ms-h2">{one.title}</h3>
                {one.edges.length === 0 ? t('graph.nothing') : <EdgeTable edges={one.edges} label={one.title} nameOf={nameOf} side={one.side} onEdge={onEdge} />}
              </div>
            ))}
        </Tab>
        {tracing && subject && (
          <Tab eventKey="traces" title={<TabTitleText>{t('graph.traces')}</TabTitleText>} data-testid="graph-tab-traces">
            {tab === 'traces' && <NodeTraces {...subject} />}
          </Tab>
        )}
      </Tabs>
    </>
  );
}

// How a node is, and what its marks mean.
function Marks({ node }: { node: GraphNode }) {
  const t = useT();
  const { number } = useFormats();
  const health = healthOf(node);
  const badges = badgesOf(node);
  const hosts = hostsOf(node);
  const errors = node.healthData?.status?.errorRatio ?? 0;
  if (health === undefined && badges.length === 0) return null;
  return (
    <div className="ms-marks" data-testid="marks">
      {health && (
        <span>
          <HealthLabel health={health} /> {errors > 0 && t('overview.percent', { percent: number(errors, 1) })} {errors > 0 && t('graph.errors')}
        </span>
      )}
      {badges.map((badge) => {
        const Sign = kBadgeIcons[badge];
        return (
          <span key={badge}>
            <Sign /> {t(`graph.badge.${badge}`)}
          </span>
        );
      })}
      {hosts.length > 0 && (
        <span className="ms-value">
          {t('graph.hosts')}: {hosts.join(', ')}
        </span>
      )}
    </div>
  );
}

// What was chosen in the graph: a node with its traffic and its traces, or an edge. `standsFor`: the edges behind one of a closed box.
export function GraphSide({ graph, standsFor }: { graph: Graph; standsFor: ReadonlyMap<string, readonly GraphEdge[]> }) {
  const t = useT();
  const { text, push } = useUrlState();
  const edges = graph.elements.edges.map((one) => one.data);
  const nodes = graph.elements.nodes.map((one) => one.data);
  const node = nodes.find((one) => one.id === text('node'));
  const edge = edges.find((one) => one.id === text('edge'));
  const several = edge && [...standsFor.values()].find((all) => all.length > 1 && all.some((one) => one.id === edge.id));
  const nameOf = (id: string) => nodeName(nodes.find((one) => one.id === id) ?? { id, nodeType: 'unknown', cluster: '', namespace: id, healthData: null });
  const onEdge = (id: string) => push({ edge: id, node: null });
  const boxed = nodes.map((one) => ({ id: one.id, box: one.parent }));
  const isBox = new Set(nodes.filter((one) => one.nodeType === 'box').map((one) => one.id));
  const members = node && new Set(membersOf(boxed.filter((one) => !isBox.has(one.id)), boxed.filter((one) => isBox.has(one.id)), node.id));
  if (!node && !edge) return <p className="ms-reason">{t('graph.select')}</p>;
  return (
    <section aria-label={t('graph.details')} data-testid="graph-side">
      <Button variant="link" isInline onClick={() => push({ node: null, edge: null })}>
        {t('graph.close')}
      </Button>
      {node && <NodeSide node={node} members={members ?? new Set()} edges={edges} nameOf={nameOf} onEdge={onEdge} />}
      {!node && edge && (
        <>
          <Title headingLevel="h2" size="md">
            {several ? t('graph.several', { count: several.length }) : `${nameOf(edge.source)} → ${nameOf(edge.target)}`}{' '}
            {edge.isMTLS && !several && <Label isCompact color="blue">{t('graph.mtls', { percent: edge.isMTLS })}</Label>}
          </Title>
          <EdgeTable edges={several ?? [edge]} label={t('graph.traffic')} nameOf={nameOf} side="both" onEdge={(id) => push({ edge: null, node: edges.find((one) => one.id === id)?.target })} />
          {!several && <Responses edge={edge} />}
        </>
      )}
    </section>
  );
}
