import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '@patternfly/react-core';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { LogEntry } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { entryKey, isSpan, relation, type Entry } from '@/lib/logs';
import { LogRow } from './LogRow';

const kRowHeight = 22;
const kSteps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -1e9, End: 1e9 };

// Lines and spans on black, in both themes. Stays at its end while it stands there; else it stays where the reader is.
export function LogPane({ entries, mark, search, whose = false, onMark, onFields, spanPath }: {
  entries: readonly Entry[];
  mark: string; // of the request whose rows are told from the others
  search: RegExp | undefined; // shown in lines
  whose?: boolean; // lines of several workloads: each names its pod
  onMark: (entry: Entry) => void;
  onFields: (entry: LogEntry) => void;
  spanPath: (traceId: string, spanId: string) => string;
}) {
  const t = useT();
  const { number } = useFormats();
  const scroller = useRef<HTMLDivElement>(null);
  const [sticks, setSticks] = useState(true);
  const [current, setCurrent] = useState('');
  const [hovered, setHovered] = useState('');
  const related = useMemo(() => relation(entries, mark), [entries, mark]);
  const near = useMemo(() => relation(entries, hovered), [entries, hovered]);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 20,
    getItemKey: (at) => `${at} ${entries[at]?.time ?? 0}`,
  });
  useEffect(() => {
    if (sticks && entries.length > 0) virtual.scrollToIndex(entries.length - 1, { align: 'end' });
  }, [entries, sticks, virtual]);
  const at = useMemo(() => {
    const found = entries.findIndex((one) => entryKey(one) === current);
    return found < 0 ? entries.length - 1 : found;
  }, [entries, current]);
  const move = (event: KeyboardEvent) => {
    const step = kSteps[event.key];
    if (step === undefined || entries.length === 0) return;
    event.preventDefault();
    const to = Math.min(entries.length - 1, Math.max(0, at + step));
    const entry = entries[to];
    if (!entry) return;
    setCurrent(entryKey(entry));
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-at="${to}"] [data-main]`)?.focus({ preventScroll: true }));
  };
  const atEnd = () => {
    const box = scroller.current;
    if (box) setSticks(box.scrollHeight - box.scrollTop - box.clientHeight < 2 * kRowHeight);
  };
  return (
    <div className="ms-log">
      <div
        ref={scroller}
        className="ms-log-rows"
        role="list"
        aria-label={t('logs.pane', { count: number(entries.length) })}
        onScroll={atEnd}
        onKeyDown={move}
        data-testid="log-pane"
        data-rows={entries.length}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            if (!entry) return null;
            const belongs = related(entry) || near(entry);
            return (
              <div
                key={item.key}
                role="listitem"
                aria-setsize={entries.length}
                aria-posinset={item.index + 1}
                className={`ms-log-row ms-log-${isSpan(entry) ? 'of-span' : entry.kind}${belongs ? ' ms-log-related' : ''}`}
                data-at={item.index}
                data-kind={entry.kind}
                data-testid="log-row"
                style={{ transform: `translateY(${item.start}px)`, height: kRowHeight }}
                onMouseEnter={() => setHovered(isSpan(entry) ? entry.traceID : '')}
                onMouseLeave={() => setHovered('')}
              >
                <LogRow
                  entry={entry}
                  mark={search}
                  whose={whose}
                  current={item.index === at}
                  onPoint={(one) => {
                    setCurrent(entryKey(one));
                    if (isSpan(one)) setHovered(one.traceID);
                    else onMark(one);
                  }}
                  onFields={onFields}
                  spanPath={spanPath}
                />
              </div>
            );
          })}
        </div>
      </div>
      {!sticks && (
        <Button className="ms-log-end" variant="secondary" size="sm" onClick={() => setSticks(true)}>
          {t('logs.toEnd')}
        </Button>
      )}
    </div>
  );
}
