import { expect, test } from 'vitest';
import type { TraceSummary } from '@/api/schema.gen';
import { operationsOf } from './operations';

const trace = (id: string, operation: string | null, duration: number, errors = 0, startTime = 1): TraceSummary => ({
  traceID: id, rootService: operation === null ? null : 'gateway', rootOperation: operation, startTime, duration, spans: 2, errors, orphans: 0, hidden: 0, services: [],
});

test('operations that fail come first, then slow ones; each leads to its slowest and its newest failed trace', () => {
  const found = operationsOf([
    trace('a', '/slow', 900),
    trace('b', '/fast', 10),
    trace('c', '/bad', 50, 1, 5),
    trace('d', '/bad', 20, 3, 9),
    trace('e', '/slow', 1000),
    trace('f', null, 5000, 1),
  ]);
  expect(found.map((one) => [one.operation, one.traces, one.errors, one.slowest.traceID, one.failed?.traceID])).toEqual([
    ['/bad', 2, 2, 'c', 'd'],
    ['/slow', 2, 0, 'e', undefined],
    ['/fast', 1, 0, 'b', undefined],
  ]);
});

test('a trace that two searches found counts once', () => {
  const one = trace('a', '/x', 5, 1);
  expect(operationsOf([one, { ...one }]).map(({ traces, errors }) => [traces, errors])).toEqual([[1, 1]]);
});
