import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { GraphEdge } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { edgeState, trafficOf } from '@/lib/graphView';

// Edges in numbers: of the whole graph, or of one side of a node.
export function EdgeTable({ edges, label, nameOf, side, onEdge }: {
  edges: readonly GraphEdge[];
  label: string;
  nameOf: (id: string) => string;
  side: 'both' | 'source' | 'target';
  onEdge: (id: string) => void;
}) {
  const t = useT();
  const { number } = useFormats();
  return (
    <Table aria-label={label} variant="compact" borders={false} gridBreakPoint="" className="ms-dense">
      <Thead>
        <Tr>
          {side !== 'target' && <Th modifier="nowrap">{t('graph.from')}</Th>}
          {side !== 'source' && <Th modifier="nowrap">{t('graph.to')}</Th>}
          <Th modifier="nowrap">{t('graph.protocol')}</Th>
          <Th modifier="nowrap">{t('graph.rate')}</Th>
          <Th modifier="nowrap">{t('graph.errors')}</Th>
          <Th modifier="nowrap">{t('graph.response')}</Th>
          {side === 'both' && <Th modifier="nowrap">{t('graph.state')}</Th>}
        </Tr>
      </Thead>
      <Tbody>
        {edges.map((edge) => {
          const traffic = trafficOf(edge);
          const link = (id: string) => (
            <button type="button" className="ms-link" onClick={() => onEdge(edge.id)}>
              {nameOf(id)}
            </button>
          );
          return (
            <Tr key={edge.id}>
              {side !== 'target' && <Td dataLabel={t('graph.from')}>{link(edge.source)}</Td>}
              {side !== 'source' && <Td dataLabel={t('graph.to')}>{link(edge.target)}</Td>}
              <Td dataLabel={t('graph.protocol')}>{traffic.protocol}</Td>
              <Td dataLabel={t('graph.rate')}>{number(traffic.rate, 2)}</Td>
              <Td dataLabel={t('graph.errors')} className={traffic.errors > 0 ? 'ms-bad-text' : ''}>
                {number(traffic.errors, 1)} %
              </Td>
              <Td dataLabel={t('graph.response')}>{edge.responseTime === undefined ? '' : `${edge.responseTime} ms`}</Td>
              {side === 'both' && <Td dataLabel={t('graph.state')}>{t(`graph.state.${edgeState(edge)}`)}</Td>}
            </Tr>
          );
        })}
      </Tbody>
    </Table>
  );
}
