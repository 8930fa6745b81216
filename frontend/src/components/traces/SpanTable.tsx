import { useMemo, useState } from 'react';
import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { Empty } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { ownerOf } from '@/lib/spanFilters';
import { endOf, kSpanColumns, sortSpans, type SpanColumn } from '@/lib/spanTable';

const kAtOnce = 200;

// The spans as rows that can be put in order: which took longest, which did most itself, which failed.
export function SpanTable({ spans, chosen, onChoose }: { spans: readonly SpanFacts[]; chosen: string; onChoose: (spanId: string) => void }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const [most, setMost] = useState(kAtOnce);
  const [wanted = 'start', direction = 'asc'] = text('spanSort', 'start:asc').split(':');
  const by = kSpanColumns.find((one) => one === wanted) ?? 'start';
  const sorted = useMemo(() => sortSpans(spans, by, direction !== 'desc'), [spans, by, direction]);
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
            {kSpanColumns.map((column, at) => (
              <Th
                key={column}
                modifier="nowrap"
                sort={{
                  columnIndex: at,
                  sortBy: { index: kSpanColumns.indexOf(by), direction: direction === 'desc' ? 'desc' : 'asc' },
                  onSort: (_, __, to) => replace({ spanSort: column === 'start' && to === 'asc' ? null : `${column}:${to}` }),
                }}
              >
                {t(`table.${column}`)}
              </Th>
            ))}
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
            </Tr>
          ))}
        </Tbody>
      </Table>
      {sorted.length > most && (
        <Button variant="link" isInline onClick={() => setMost(most + kAtOnce)}>
          {t('table.more', { shown: number(most), count: number(sorted.length) })}
        </Button>
      )}
    </div>
  );
}
