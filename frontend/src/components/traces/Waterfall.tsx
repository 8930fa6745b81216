import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useT } from '@/i18n';
import { criticalPath } from '@/lib/criticalPath';
import { formatDuration } from '@/lib/duration';
import { failedBelow, matches, wordsOf } from '@/lib/rows';
import type { View } from '@/lib/view';
import { Minimap } from './Minimap';
import { useWaterfallKeys } from './useWaterfallKeys';
import { WaterfallControls } from './WaterfallControls';
import { kRowHeight, WaterfallRow } from './WaterfallRow';
import type { Folding } from './useFolding';
import type { SpanRows } from './useTraceRows';

const kTicks = [0, 0.25, 0.5, 0.75];

function Ticks({ view }: { view: View }) {
  const t = useT();
  return (
    <div className="ms-ticks" aria-hidden>
      <div className="ms-span-name">{t('trace.serviceOperation')}</div>
      <div className="ms-span-time">
        {kTicks.map((share) => (
          <span key={share} style={{ left: `${share * 100}%` }}>
            {formatDuration(view.from + share * (view.to - view.from))}
          </span>
        ))}
      </div>
    </div>
  );
}

export function Waterfall({ rows, folding, label, duration, view, chosen, find, critical, lead, height, onView, onChoose, onStep, onFind, onCritical, onSight }: {
  rows: SpanRows;
  folding: Folding;
  label?: string; // where there are several
  duration: number;
  view: View;
  chosen: string;
  find: string;
  critical: boolean;
  lead?: ReactNode; // before the controls, in their row
  height: number;
  onView: (change: (now: View) => View) => void;
  onChoose: (spanId: string) => void;
  onStep: (next: (chosen: string) => string) => void; // from the chosen span to another one
  onFind: (text: string) => void;
  onCritical: (on: boolean) => void;
  onSight: (from: number, to: number) => void;
}) {
  const t = useT();
  const [active, setActive] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const findField = useRef<HTMLInputElement>(null);
  const virtual = useVirtualizer({ count: rows.count, getScrollElement: () => scroller.current, estimateSize: () => kRowHeight, overscan: 12 });
  const path = useMemo(() => (critical && rows.whole ? criticalPath(rows.spans) : undefined), [critical, rows.whole, rows.spans]);
  const words = useMemo(() => wordsOf(find), [find]);
  const found = useMemo(() => rows.spans.filter((span) => matches(span, words)).map((span) => span.spanID), [rows.spans, words]);
  const foundSet = useMemo(() => new Set(found), [found]);
  const troubled = useMemo(() => failedBelow(rows.spans), [rows.spans]);
  const byId = useMemo(() => new Map(rows.spans.map((span) => [span.spanID, span])), [rows.spans]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last), [first, last, onSight]);

  const { count, row } = rows;
  const placeOf = useCallback(
    (spanId: string) => {
      for (let at = 0; at < count; at += 1) if (row(at)?.spanID === spanId) return at;
      return -1;
    },
    [count, row],
  );
  const go = useCallback(
    (at: number) => {
      setActive(at);
      virtual.scrollToIndex(at, { align: 'auto' });
    },
    [virtual],
  );
  // A span that the address names, or that was found, comes into sight, out of folded spans too.
  const wanted = useRef('');
  useEffect(() => {
    if (chosen === '' || wanted.current === chosen || rows.count === 0) return;
    const at = placeOf(chosen);
    if (at < 0) {
      folding.reveal(chosen, rows.spans);
      return;
    }
    wanted.current = chosen;
    go(at);
    // The page may be longer than the window, too.
    requestAnimationFrame(() => document.getElementById(`span-${chosen}`)?.scrollIntoView({ block: 'nearest' }));
  }, [chosen, rows.count, rows.spans, placeOf, go, folding]);

  const choose = useCallback(
    (spanId: string, at: number) => {
      setActive(at);
      wanted.current = spanId;
      onChoose(spanId);
    },
    [onChoose],
  );
  const keys = useWaterfallKeys({ rows, folding, active, go, setView: onView, duration, choose, findField, chosen, onChoose });
  const activeId = rows.row(active)?.spanID;
  return (
    <div className="ms-waterfall">
      <WaterfallControls
        lead={lead}
        find={find}
        found={found}
        chosen={chosen}
        critical={critical}
        canCritical={rows.whole}
        zoomed={view.from > 0 || view.to < duration}
        field={findField}
        onFind={onFind}
        onCritical={onCritical}
        onStep={onStep}
        onFoldAll={folding.foldAll}
        onUnfoldAll={folding.unfoldAll}
        onWhole={() => onView(() => ({ from: 0, to: duration }))}
      />
      <Minimap spans={rows.spans} duration={duration} view={view} onView={(next) => onView(() => next)} />
      <Ticks view={view} />
      <div
        ref={scroller}
        className="ms-spans"
        role="treegrid"
        aria-label={label ?? t('trace.waterfall')}
        aria-rowcount={rows.count}
        aria-activedescendant={activeId ? `span-${activeId}` : undefined}
        tabIndex={0}
        style={{ height: Math.min(height, rows.count * kRowHeight + 4) }}
        onKeyDown={keys}
        data-testid="waterfall"
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {items.map((item) => {
            const span = rows.row(item.index);
            if (!span) return <div key={item.key} className="ms-span ms-coming" style={{ transform: `translateY(${item.start}px)`, height: kRowHeight }} />;
            return (
              <WaterfallRow
                key={span.spanID}
                span={span}
                server={span.kind === 'client' && span.pair ? byId.get(span.pair.spanID) : undefined}
                at={item.index}
                top={item.start}
                view={view}
                look={{ active: item.index === active, chosen: span.spanID === chosen, found: foundSet.has(span.spanID), folded: folding.has(span), troubled: troubled.has(span.spanID) }}
                critical={path?.get(span.spanID)}
                onFold={folding.flip}
                onChoose={choose}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
