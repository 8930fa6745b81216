import { expect, test } from 'vitest';
import type { ReconciledEdge } from '@/api/schema.gen';
import { reconcileWindow, troubledFirst } from './reconcile';

const kNow = 1_800_000_000_500; // ms

test('the last minute is left out, and the window is of whole seconds', () => {
  expect(reconcileWindow({ kind: 'last', seconds: 600 }, kNow)).toEqual({ startMicros: 1_799_999_340e6, endMicros: 1_799_999_940e6, shortened: false });
  const past = { kind: 'between' as const, from: 1_700_000_000_900, to: 1_700_000_600_400 };
  expect(reconcileWindow(past, kNow)).toEqual({ startMicros: 1_700_000_000e6, endMicros: 1_700_000_600e6, shortened: false });
  // Up to now: without the last minute of it; younger than that: as it is asked for.
  expect(reconcileWindow({ kind: 'between', from: kNow - 600_000, to: kNow + 5000 }, kNow).endMicros).toBe(1_799_999_940e6);
  expect(reconcileWindow({ kind: 'between', from: kNow - 30_000, to: kNow }, kNow)).toMatchObject({ startMicros: 1_799_999_970e6, endMicros: 1_800_000_000e6 });
});

test('a day at most, its last part; never nothing', () => {
  const week = reconcileWindow({ kind: 'last', seconds: 604_800 }, kNow);
  expect([week.endMicros - week.startMicros, week.shortened]).toEqual([86_400e6, true]);
  const none = reconcileWindow({ kind: 'between', from: 1_700_000_000_100, to: 1_700_000_000_200 }, kNow);
  expect(none.endMicros - none.startMicros).toBe(1e6);
});

test('what is wrong comes first', () => {
  const edges = ['none', 'exporter_drops', 'unknown', 'flags_without_span'].map((one) => ({ class: one }) as ReconciledEdge);
  expect(troubledFirst(edges).map((one) => one.class)).toEqual(['exporter_drops', 'flags_without_span', 'none', 'unknown']);
});
