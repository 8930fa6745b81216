import { useMemo } from 'react';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { useSort } from '@/components/useSort';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { kGroups, kNumbers, sortRows, statistics, type Group, type Row, type SortKey } from '@/lib/statistics';

const kColumns: readonly SortKey[] = ['name', ...kNumbers];

// How often and how long, by service, operation or workload.
export function StatisticsView({ spans }: { spans: readonly SpanFacts[] }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const group: Group = kGroups.find((one) => one === text('statsBy')) ?? 'service';
  const { by, ascending, sortOf } = useSort('statsSort', kColumns, 'self:desc');
  const rows = useMemo(() => sortRows(statistics(spans, group), by, ascending), [spans, group, by, ascending]);
  const shown = (row: Row, column: SortKey) => {
    if (column === 'name') return row.name === '' ? t('stats.unknown') : row.name;
    if (column === 'count' || column === 'errors') return number(row[column]);
    return column === 'share' ? `${number(row.share, 1)} %` : formatDuration(row[column]);
  };
  return (
    <div data-testid="statistics">
      <Choice<Group>
        label={t('stats.by')}
        value={group}
        options={kGroups.map((value) => ({ value, text: t(`stats.by.${value}`) }))}
        onChoose={(value) => replace({ statsBy: value === 'service' ? null : value })}
      />
      <div className="ms-wide">
      <Table aria-label={t('view.statistics')} variant="compact" gridBreakPoint="" className="ms-dense">
        <Thead>
          <Tr>
            {kColumns.map((column) => (
              <Th key={column} modifier="nowrap" sort={sortOf(column)}>
                {t(`stats.${column}`)}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((row) => (
            <Tr key={row.name} data-testid="stats-row">
              {kColumns.map((column) => (
                <Td key={column} dataLabel={t(`stats.${column}`)} className={column === 'errors' && row.errors > 0 ? 'ms-bad-text' : ''}>
                  {shown(row, column)}
                </Td>
              ))}
            </Tr>
          ))}
        </Tbody>
      </Table>
      </div>
    </div>
  );
}
