import { expect, test } from 'vitest';
import type { SpanFacts, TraceRows } from '@/api/schema.gen';
import { facts } from './fixtures';
import { neighboursOf } from './neighbours';

const rows = (total: number, ...spans: SpanFacts[]): TraceRows => ({ traceID: '2a', startTime: 2_000e6, duration: 5, total, spans }) as unknown as TraceRows;
const mine = facts('2', null, 0, 1, { namespace: 'shop', workload: 'cart-v1' });

test('the first workload that is known, a quarter of an hour around the trace', () => {
  const found = neighboursOf(rows(8, facts('1', null, 0, 1), mine));
  expect(found).toEqual({ namespace: 'shop', workload: 'cart-v1', window: { startMicros: 1_100e6, endMicros: 2_900e6 + 5 }, limit: 100 });
});

test('the larger the trace, the fewer; none for one that is very large, or nobody’s', () => {
  expect(neighboursOf(rows(400, mine))).toMatchObject({ limit: 50 });
  expect(neighboursOf(rows(1000, mine))).toMatchObject({ limit: 20 });
  expect(neighboursOf(rows(1001, mine))).toBe('tooLarge');
  expect(neighboursOf(rows(1, facts('1', null, 0, 1)))).toBe('nobody');
});
