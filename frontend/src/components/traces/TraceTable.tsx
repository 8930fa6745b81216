import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMeasured, useWantedInSight, type Compacts } from '@/api/heatmaps';
import { HeatMini } from '@/components/heatmap/HeatMini';
import { useSort } from '@/components/useSort';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { shortHost } from '@/lib/names';
import { sortTraces } from '@/lib/sortTraces';
import type { Summary } from '@/lib/traceSummary';

const kColumns = ['name', 'start', 'duration', 'spans', 'errors'] as const;
const kRowHeight = 48;

// The traces as rows: the twin of the chart beside it. Only rows in sight are in the document; their numbers are told.
export function TraceTable({ traces, chosen, compacts, onChoose, height = 372 }: {
  traces: readonly Summary[];
  chosen: string;
  compacts: Compacts;
  onChoose: (traceId: string) => void;
  height?: number;
}) {
  const t = useT();
  const { dateTime, time, ago, number } = useFormats();
  const { by, ascending, flip } = useSort('sort', kColumns, 'start:desc', 'desc');
  const rows = useMemo(() => sortTraces(traces, by, ascending), [traces, by, ascending]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => kRowHeight, overscan: 8 });
  const items = virtual.getVirtualItems();
  // One row is in the order of Tab: where the keyboard was, else the chosen one; of those in sight.
  const [current, setCurrent] = useState('');
  const place = rows.findIndex((one) => one.traceId === (current || chosen));
  const stop = items.some((item) => item.index === place) ? place : (items[0]?.index ?? 0);
  const measured = useMeasured();
  useWantedInSight(compacts, items.map((item) => rows[item.index]?.traceId ?? ''), measured);
  const grid = measured ? 'ms-tr ms-with-heat' : 'ms-tr';
  const move = (event: KeyboardEvent<HTMLElement>, at: number) => {
    const to = event.key === 'ArrowDown' ? at + 1 : event.key === 'ArrowUp' ? at - 1 : undefined;
    if (to === undefined || to < 0 || to >= rows.length) return;
    event.preventDefault();
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-at="${to}"] button`)?.focus());
  };
  return (
    <div role="table" aria-label={t('traces.table', { count: number(rows.length) })} aria-rowcount={rows.length + 1} className="ms-table" data-testid="trace-table">
      <div role="rowgroup">
        <div role="row" className={`${grid} ms-th`} aria-rowindex={1}>
          {kColumns.map((column) => (
            <div key={column} role="columnheader" aria-sort={by === column ? (ascending ? 'ascending' : 'descending') : 'none'}>
              <button type="button" onClick={() => flip(column)}>
                {t(`traces.${column}`)} {by === column && <span aria-hidden>{ascending ? '▲' : '▼'}</span>}
              </button>
            </div>
          ))}
          {measured && <div role="columnheader">{t('heat.column')}</div>}
        </div>
      </div>
      <div ref={scroller} className="ms-tbody" style={{ height }} role="rowgroup">
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {items.map((item) => {
            const one = rows[item.index];
            if (!one) return null;
            const name = one.name ?? t('traces.missingRoot');
            return (
              <div
                key={one.traceId}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={one.traceId === chosen}
                className={grid}
                data-at={item.index}
                data-testid="trace-row"
                data-trace={one.traceId}
                style={{ transform: `translateY(${item.start}px)`, height: kRowHeight }}
              >
                <div role="cell" className="ms-name">
                  <button
                    type="button"
                    className="ms-link"
                    title={name}
                    tabIndex={item.index === stop ? 0 : -1}
                    onClick={() => onChoose(one.traceId)}
                    onFocus={() => setCurrent(one.traceId)}
                    onKeyDown={(event) => move(event, item.index)}
                  >
                    {shortHost(name)}
                  </button>
                  <small>
                    {one.service ?? ''} {one.traceId.slice(0, 7)}
                  </small>
                </div>
                <div role="cell" title={`${dateTime(one.startTime / 1000)}, ${ago(one.startTime / 1000)}`}>
                  {time(one.startTime / 1000)}
                </div>
                <div role="cell">{formatDuration(one.duration)}</div>
                <div role="cell">{number(one.spans)}</div>
                <div role="cell" className={one.errors > 0 ? 'ms-bad-text' : ''}>
                  {number(one.errors)}
                </div>
                {measured && (
                  <div role="cell">
                    <HeatMini found={compacts.of(one.traceId)} />
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
