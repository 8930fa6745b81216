import { expect, test } from 'vitest';
import type { TraceForensics } from '@/api/schema.gen';
import { isAhead, isTorn, latest, spansWithout, type Clock, type Gap } from './forensics';

const gap = (count: number): Gap => ({ kind: 'missing_parent', spans: ['01'], count, cause: 'unknown', certainty: 'possible', evidence: '' });
const clock = (some: Partial<Clock>): Clock => ({ from: 'a', to: 'b', offset: 0, low: -1, high: 1, spread: 0, samples: 1, ...some });
const answer = (spans: number): TraceForensics =>
  ({ traceID: '2a', spans, reads: 1, arrived: 0, young: false, gaps: [], clocks: [], hosts: [], meta: {} as TraceForensics['meta'] });

test('spans without a parent are those of all gaps', () => {
  expect(spansWithout([])).toBe(0);
  expect(spansWithout([gap(2), gap(3)])).toBe(5);
});

test('what was waited for counts once it is there, and never with fewer spans', () => {
  expect(latest(undefined, undefined)).toBeUndefined();
  expect(latest(answer(2), undefined)?.spans).toBe(2);
  expect(latest(answer(2), answer(4))?.spans).toBe(4);
  expect(latest(answer(4), answer(2))?.spans).toBe(4);
  expect(latest(undefined, answer(4))).toBeUndefined();
});

test('clocks: ahead, behind, and none that explains all calls', () => {
  expect([clock({ offset: 5 }), clock({ offset: -5 })].map(isAhead)).toEqual([true, false]);
  expect([clock({ low: 3, high: 1 }), clock({})].map(isTorn)).toEqual([true, false]);
});
