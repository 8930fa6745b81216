import { useEffect, type KeyboardEvent, type RefObject } from 'react';
import { isTyping } from '@/app/keys';
import { moved, zoomed, type View } from '@/lib/view';
import type { Folding } from './useFolding';
import type { SpanRows } from './useTraceRows';

type Parts = {
  rows: SpanRows;
  folding: Folding;
  active: number;
  go: (at: number) => void;
  setView: (change: (now: View) => View) => void;
  duration: number;
  choose: (spanId: string, at: number) => void;
  findField: RefObject<HTMLInputElement | null>;
  chosen: string;
  onChoose: (spanId: string) => void;
};

// The keys of the rows; the dialog of the shortcuts lists them.
export function useWaterfallKeys(parts: Parts): (event: KeyboardEvent<HTMLElement>) => void {
  const { rows, folding, active, go, setView, duration, choose, findField, chosen, onChoose } = parts;
  useEffect(() => {
    const pressed = (event: globalThis.KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event)) return;
      event.preventDefault();
      findField.current?.focus();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [findField]);

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const span = rows.row(active);
    const open = span !== undefined && span.children > 0 && !folding.has(span);
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(Math.min(rows.count - 1, active + 1)),
      ArrowUp: () => go(Math.max(0, active - 1)),
      Home: () => go(0),
      End: () => go(rows.count - 1),
      PageDown: () => go(Math.min(rows.count - 1, active + 15)),
      PageUp: () => go(Math.max(0, active - 15)),
      ArrowRight: () => {
        if (span && span.children > 0 && folding.has(span)) folding.put(span, false);
        else if (open) go(Math.min(rows.count - 1, active + 1));
      },
      ArrowLeft: () => {
        if (span && open) folding.put(span, true);
        else if (span?.parentSpanID) {
          for (let at = active - 1; at >= 0; at -= 1) if (rows.row(at)?.spanID === span.parentSpanID) return go(at);
        }
      },
      Enter: () => span && choose(span.spanID, active),
      ' ': () => span && choose(span.spanID, active),
      Escape: () => chosen !== '' && onChoose(''),
      a: () => setView((view) => moved(view, -0.1, duration)),
      d: () => setView((view) => moved(view, 0.1, duration)),
      w: () => setView((view) => zoomed(view, 0.5, duration)),
      s: () => setView((view) => zoomed(view, 2, duration)),
    };
    acts['j'] = acts['ArrowDown'] as () => void;
    acts['k'] = acts['ArrowUp'] as () => void;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
}
