import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { badgesOf, healthOf } from '@/lib/graphBadges';
import { nodeName, trafficOf, type Overlay } from '@/lib/graphView';

// Nodes in words and numbers, as the picture shows them.
export function NodeTable({ nodes, edges, overlay, nameOf, onNode }: {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  overlay: Overlay | undefined;
  nameOf: (id: string) => string;
  onNode: (id: string) => void;
}) {
  const t = useT();
  const { number } = useFormats();
  const rate = (some: readonly GraphEdge[]) => {
    const requests = some.map(trafficOf).filter((one) => one.protocol !== 'tcp');
    return requests.length === 0 ? '' : number(requests.reduce((sum, one) => sum + one.rate, 0), 2);
  };
  return (
    <Table aria-label={t('graph.nodes')} variant="compact" borders={false} gridBreakPoint="" className="ms-dense" data-testid="graph-nodes">
      <Thead>
        <Tr>
          <Th>{t('graph.name')}</Th>
          <Th>{t('graph.namespace')}</Th>
          <Th>{t('graph.box')}</Th>
          <Th>{t('list.health')}</Th>
          <Th>{t('graph.legend.badges')}</Th>
          <Th modifier="nowrap">{t('graph.inRate')}</Th>
          <Th modifier="nowrap">{t('graph.outRate')}</Th>
          {overlay && <Th modifier="nowrap">{t('graph.spansHere')}</Th>}
        </Tr>
      </Thead>
      <Tbody>
        {nodes.map((node) => (
          <Tr key={node.id}>
            <Td dataLabel={t('graph.name')}>
              <button type="button" className="ms-link" onClick={() => onNode(node.id)}>
                {nodeName(node) || t('detail.none')}
              </button>
            </Td>
            <Td dataLabel={t('graph.namespace')}>{node.namespace}</Td>
            <Td dataLabel={t('graph.box')}>{node.parent === undefined ? '' : nameOf(node.parent)}</Td>
            <Td dataLabel={t('list.health')}>{t(`health.${healthOf(node) ?? 'NA'}`)}</Td>
            <Td dataLabel={t('graph.legend.badges')}>
              {badgesOf(node)
                .map((badge) => t(`graph.badge.${badge}`))
                .join(', ')}
            </Td>
            <Td dataLabel={t('graph.inRate')}>{rate(edges.filter((edge) => edge.target === node.id))}</Td>
            <Td dataLabel={t('graph.outRate')}>{rate(edges.filter((edge) => edge.source === node.id))}</Td>
            {overlay && <Td dataLabel={t('graph.spansHere')}>{number(overlay.nodes.get(node.id)?.length ?? 0)}</Td>}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
