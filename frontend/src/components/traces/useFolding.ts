import { useCallback, useMemo } from 'react';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { flippedFold, foldedText, isFolded, kAllFolded, kUnfolded, readFolded, type Folded } from '@/lib/folding';
import { ancestors } from '@/lib/rows';

export type Folding = {
  folded: Folded;
  has: (span: SpanFacts) => boolean;
  flip: (id: string) => void;
  put: (span: SpanFacts, fold: boolean) => void;
  unfoldAll: () => void;
  foldAll: () => void;
  reveal: (id: string, spans: readonly SpanFacts[]) => void; // unfolds what is above a span
};

// Folded spans, as the address has them under this name.
export function useFolding(parameter = 'folded'): Folding {
  const { text, replace } = useUrlState();
  const kept = text(parameter);
  const folded = useMemo(() => (kept === '' ? kUnfolded : readFolded(kept)), [kept]);
  const set = useCallback(
    (change: (now: Folded) => Folded) => replace((now) => ({ [parameter]: foldedText(change(readFolded(now.text(parameter)))) })),
    [parameter, replace],
  );
  const has = useCallback((span: SpanFacts) => isFolded(folded, span), [folded]);
  const flip = useCallback((id: string) => set((now) => flippedFold(now, id)), [set]);
  const put = useCallback((span: SpanFacts, fold: boolean) => set((now) => (isFolded(now, span) === fold ? now : flippedFold(now, span.spanID))), [set]);
  const unfoldAll = useCallback(() => set(() => kUnfolded), [set]);
  const foldAll = useCallback(() => set(() => kAllFolded), [set]);
  const reveal = useCallback(
    (id: string, spans: readonly SpanFacts[]) => {
      const above = new Set(ancestors(spans, id));
      set((now) => spans.filter((span) => above.has(span.spanID) && isFolded(now, span)).reduce((next, span) => flippedFold(next, span.spanID), now));
    },
    [set],
  );
  return useMemo(() => ({ folded, has, flip, put, unfoldAll, foldAll, reveal }), [folded, has, flip, put, unfoldAll, foldAll, reveal]);
}
