import type { ComponentStatus } from '@/api/schema.gen';

export type Probe = { at: number; status: ComponentStatus['status']; latencyMs: number | undefined; error: string | undefined }; // at: µs
export type ProbeLog = ReadonlyMap<string, readonly Probe[]>; // by component, the newest first

export const kKept = 50;

export const probeKey = (one: ComponentStatus): string => `${one.cluster} ${one.name}`;

// The log with what these components tell of their last probes; the same log when they tell nothing new.
export function withProbes(log: ProbeLog, components: readonly ComponentStatus[]): ProbeLog {
  let next: Map<string, readonly Probe[]> | undefined;
  for (const one of components) {
    const known = log.get(probeKey(one)) ?? [];
    if (one.lastProbe === undefined || one.lastProbe <= (known[0]?.at ?? 0)) continue;
    const probe = { at: one.lastProbe, status: one.status, latencyMs: one.latencyMs, error: one.reason?.error };
    next ??= new Map(log);
    next.set(probeKey(one), [probe, ...known].slice(0, kKept));
  }
  return next ?? log;
}
