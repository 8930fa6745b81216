import { useMemo } from 'react';
import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { HeatMini } from '@/components/heatmap/HeatMini';
import type { Compared } from '@/components/heatmap/useComparedSpans';
import { Empty } from '@/components/states';
import { useSort } from '@/components/useSort';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { ownerOf } from '@/lib/spanFilters';
import { endOf, kSpanColumns, sortSpans, type SpanColumn } from '@/lib/spanTable';

const kAtOnce = 200;
const rowsOf = (wanted: number): number => Math.max(kAtOnce, Math.floor(wanted));

// The spans as rows that can be put in order: which took longest, which did most itself, which failed.
export function SpanTable({ spans, chosen, compared, onChoose }: {
  spans: readonly SpanFacts[];
  chosen: string;
  compared?: Compared | undefined; // with what was measured
  onChoose: (spanId: string) => void;
}) {
  const t = useT();
  const { number } = useFormats();
  const { number: numberOf, replace } = useUrlState();
  const most = rowsOf(numberOf('rows', kAtOnce));
  const { by, ascending, sortOf } = useSort('spanSort', kSpanColumns, 'start:asc');
  const sorted = useMemo(() => sortSpans(spans, by, ascending), [spans, by, ascending]);
  const shown: Record<SpanColumn, (span: SpanFacts) => React.ReactNode> = {
    start: (span) => formatDuration(span.relativeStart),
    service: (span) => span.service ?? '–',
    operation: (span) => (
      <button type="button" className="ms-link" onClick={() => onChoose(span.spanID)}>
        {span.redacted ? t('trace.redacted') : span.operationName}
      </button>
    ),
    workload: (span) => ownerOf(span).workload ?? '–',
    duration: (span) => formatDuration(span.duration),
    self: (span) => formatDuration(span.selfTime),
    status: (span) => (
      <span className={span.error ? 'ms-bad-text' : ''}>
        {[endOf(span), ...span.flags.map((flag) => flag.code), span.error ? t('table.error') : ''].filter((part) => part !== '').join(' ')}
      </span>
    ),
  };
  if (spans.length === 0) return <Empty title={t('filter.none')} />;
  return (
    <div className="ms-wide">
      <Table aria-label={t('trace.waterfall')} variant="compact" gridBreakPoint="" className="ms-dense" data-testid="span-table">
        <Thead>
          <Tr>
            {kSpanColumns.map((column) => (
              <Th key={column} modifier="nowrap" sort={sortOf(column)} {...(column === 'operation' ? { width: 30 as const } : {})}>
                {t(`table.${column}`)}
              </Th>
            ))}
            {compared && <Th modifier="nowrap">{t('heat.column')}</Th>}
          </Tr>
        </Thead>
        <Tbody>
          {sorted.slice(0, most).map((span) => (
            <Tr key={span.spanID} isRowSelected={span.spanID === chosen} data-testid="span-table-row" data-span={span.spanID}>
              {kSpanColumns.map((column) => (
                <Td key={column} dataLabel={t(`table.${column}`)} modifier={column === 'operation' ? 'truncate' : 'nowrap'}>
                  {shown[column](span)}
                </Td>
              ))}
              {compared && (
                <Td dataLabel={t('heat.column')}>
                  <HeatMini found={compared(span.spanID)} />
                </Td>
              )}
            </Tr>
          ))}
        </Tbody>
      </Table>
      {sorted.length > most && (
        <Button variant="link" isInline onClick={() => replace((now) => ({ rows: String(rowsOf(now.number('rows', kAtOnce)) + kAtOnce) }))}>
          {t('table.more', { shown: number(most), count: number(sorted.length) })}
        </Button>
      )}
    </div>
  );
}
