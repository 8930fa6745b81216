import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { apiUrl, getJson, send } from './client';
import { useOnce } from './live';
import { useConfig } from './queries';
import type { Heatmap, Heatmaps } from './schema.gen';

export type HeatmapSubject = { workload: string; namespace: string };

export function useHeatmap(traceId: string, subject: HeatmapSubject | undefined, at: 'trace' | 'now'): UseQueryResult<Heatmap> {
  return useOnce(
    ['heatmap', traceId, subject, at],
    (signal) => getJson<Heatmap>(`api/traces/${encodeURIComponent(traceId)}/heatmap`, { ...subject, at: at === 'now' ? at : undefined }, signal),
    { enabled: traceId !== '' },
  );
}

// Is anything measured that requests can be held against?
export const useMeasured = (): boolean => useConfig().data?.prometheus.enabled ?? false;

export type Compact = { intervals: readonly string[]; stats: readonly string[]; cells: Heatmaps['heatmaps'][number]['cells'] };

const kWait = 250; // ms in which rows may come into sight
const kAtOnce = 100;

export type Compacts = {
  of: (traceId: string) => Compact | null | undefined; // undefined: not here; null: could not be had
  want: (traceIds: readonly string[]) => void;
};

// Compact heatmaps of traces: those that are wanted are asked for together and once.
export function useCompactHeatmaps(): Compacts {
  const [known, setKnown] = useState<ReadonlyMap<string, Compact | null>>(new Map());
  const asked = useRef(new Set<string>());
  const want = useCallback((traceIds: readonly string[]) => {
    const missing = traceIds.filter((id) => id !== '' && !asked.current.has(id)).slice(0, kAtOnce);
    if (missing.length === 0) return;
    for (const id of missing) asked.current.add(id);
    void ask(missing).then((found) => setKnown((before) => new Map([...before, ...found])));
  }, []);
  const of = useCallback((traceId: string) => known.get(traceId), [known]);
  return useMemo(() => ({ of, want }), [of, want]);
}

// Wants what is in sight, once it has been there for a moment.
export function useWantedInSight(compacts: Compacts, sight: readonly string[], enabled: boolean): void {
  const text = sight.join(' ');
  const { want } = compacts;
  useEffect(() => {
    if (!enabled) return undefined;
    const timer = setTimeout(() => want(text.split(' ')), kWait);
    return () => clearTimeout(timer);
  }, [text, enabled, want]);
}

async function ask(traceIDs: readonly string[]): Promise<Map<string, Compact | null>> {
  const found = new Map<string, Compact | null>(traceIDs.map((id) => [id, null]));
  try {
    const response = await send(apiUrl('api/traces/heatmaps'), {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify({ traceIDs }),
    });
    const { intervals, stats, heatmaps } = (await response.json()) as Heatmaps;
    for (const one of heatmaps) found.set(one.traceID, one.cells ? { intervals, stats, cells: one.cells } : null);
  } catch {
    // The list says no less without them; its cells say that they could not be had.
  }
  return found;
}
