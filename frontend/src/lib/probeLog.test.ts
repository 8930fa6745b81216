import { expect, test } from 'vitest';
import type { ComponentStatus } from '@/api/schema.gen';
import { kKept, withProbes, type ProbeLog } from './probeLog';

const jaeger = (lastProbe: number | undefined, status: ComponentStatus['status'] = 'Healthy', more: Partial<ComponentStatus> = {}): ComponentStatus => ({
  cluster: 'c', name: 'tracing', status, isCore: false, ...(lastProbe === undefined ? {} : { lastProbe }), ...more,
});
const none: ProbeLog = new Map();

test('each probe is kept once, the newest first, with why it failed', () => {
  const first = withProbes(none, [jaeger(10, 'Healthy', { latencyMs: 2 })]);
  expect(withProbes(first, [jaeger(10), jaeger(undefined)])).toBe(first);
  const second = withProbes(first, [jaeger(20, 'Unreachable', { reason: { code: 'x', error: 'refused' } })]);
  expect(second.get('c tracing')).toEqual([
    { at: 20, status: 'Unreachable', latencyMs: undefined, error: 'refused' },
    { at: 10, status: 'Healthy', latencyMs: 2, error: undefined },
  ]);
  expect(first.get('c tracing')?.length).toBe(1);
});

test('old probes make room', () => {
  let log = none;
  for (let at = 1; at <= kKept + 5; at += 1) log = withProbes(log, [jaeger(at)]);
  expect(log.get('c tracing')?.length).toBe(kKept);
  expect(log.get('c tracing')?.[0]?.at).toBe(kKept + 5);
});
