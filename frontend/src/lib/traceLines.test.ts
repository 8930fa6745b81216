import { expect, test } from 'vitest';
import type { LogEntry, SpanFacts, TraceRows } from '@/api/schema.gen';
import { facts } from './fixtures';
import { linesOf, together } from './traceLines';

const span = (id: string, workload: string, requestId: string | null): SpanFacts => {
  const bare = facts(id, null, 0, 1, { namespace: 'shop', workload });
  return { ...bare, request: { ...bare.request, id: requestId } };
};
const rows = (...spans: SpanFacts[]): TraceRows => ({ traceID: '2a', startTime: 100e6, duration: 5e6, total: spans.length, spans }) as unknown as TraceRows;

test('the request id that most spans carry, and the workloads that took part', () => {
  const found = linesOf(rows(span('1', 'web', 'b'), span('2', 'cart', 'a'), span('3', 'cart', 'a'), span('4', 'stock', null)));
  expect(found).toEqual({
    requestId: 'a', owners: ['cart', 'stock', 'web'].map((workload) => ({ namespace: 'shop', workload })), all: 3, since: 70e6, until: 135e6,
  });
  expect(linesOf(rows(span('1', 'web', null)))).toBeUndefined();
});

test('of many workloads the first eight, and how many there are', () => {
  const found = linesOf(rows(...Array.from({ length: 11 }, (_, at) => span(`${at}`, `w${at}`, 'a'))));
  expect([found?.owners.length, found?.all]).toEqual([8, 11]);
});

test('lines together by time, without those that came long after', () => {
  const line = (time: number, pod: string) => ({ kind: 'app', time, pod, container: 'c', message: '' }) as unknown as LogEntry;
  expect(together([[line(3, 'a'), line(9, 'a')], [line(1, 'b'), line(5, 'b')]], 5).map((one) => `${one.pod}${one.time}`)).toEqual(['b1', 'a3', 'b5']);
});
