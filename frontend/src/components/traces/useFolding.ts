import { useCallback, useMemo, useState } from 'react';
import type { SpanFacts } from '@/api/schema.gen';
import { ancestors } from '@/lib/rows';

export type Folding = {
  ids: readonly string[];
  has: (id: string) => boolean;
  flip: (id: string) => void;
  unfoldAll: () => void;
  foldAll: (spans: readonly SpanFacts[]) => void;
  reveal: (id: string, spans: readonly SpanFacts[]) => void; // unfolds what is above a span
};

export function useFolding(): Folding {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const flip = useCallback((id: string) => {
    setFolded((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const unfoldAll = useCallback(() => setFolded(new Set()), []);
  const foldAll = useCallback((spans: readonly SpanFacts[]) => {
    setFolded(new Set(spans.filter((span) => span.children > 0 && span.depth > 0).map((span) => span.spanID)));
  }, []);
  const reveal = useCallback((id: string, spans: readonly SpanFacts[]) => {
    const above = new Set(ancestors(spans, id));
    setFolded((before) => {
      const after = new Set([...before].filter((one) => !above.has(one)));
      return after.size === before.size ? before : after;
    });
  }, []);
  return useMemo(
    () => ({ ids: [...folded], has: (id: string) => folded.has(id), flip, unfoldAll, foldAll, reveal }),
    [folded, flip, unfoldAll, foldAll, reveal],
  );
}
