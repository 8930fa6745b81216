import { useEffect, useSyncExternalStore } from 'react';
import type { ComponentStatus } from '@/api/schema.gen';
import { withProbes, type ProbeLog } from '@/lib/probeLog';

// What this page has heard of probes since it was opened: the server tells the last one only.
let log: ProbeLog = new Map();
const listeners = new Set<() => void>();

// Takes note of what components tell; called where they are always asked.
export function useNotedProbes(components: readonly ComponentStatus[] | undefined): void {
  useEffect(() => {
    const next = withProbes(log, components ?? []);
    if (next === log) return;
    log = next;
    for (const listener of listeners) listener();
  }, [components]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useProbeLog = (): ProbeLog => useSyncExternalStore(subscribe, () => log);
