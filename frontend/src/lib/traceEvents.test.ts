import { expect, test } from 'vitest';
import { facts, span, trace } from './fixtures';
import { eventsOf, workloadsOf } from './traceEvents';

const field = (key: string, value: string) => ({ key, type: 'string' as const, value });

test('events of all spans stand in the order of time', () => {
  const found = eventsOf(
    trace([
      span({ spanID: 'a', operationName: 'get', logs: [{ timestamp: 1300, fields: [field('event', 'late')] }, { timestamp: 1010, fields: [field('event', 'early')] }] }),
      span({ spanID: 'b', processID: 'p9', logs: [{ timestamp: 1200, fields: [field('event', 'between')] }] }),
    ]),
    1000,
  );
  expect(found.map((one) => [one.spanId, one.after, one.fields[0]?.value])).toEqual([['a', 10, 'early'], ['b', 200, 'between'], ['a', 300, 'late']]);
  expect(found.map((one) => one.service)).toEqual(['details.bookinfo', '', 'details.bookinfo']);
});

test('each workload is named once; spans of nobody are left out', () => {
  const of = (spanID: string, workload: string | null, namespace: string | null) => facts(spanID, null, 0, 1, { workload, namespace });
  expect(workloadsOf([of('a', 'b', 'x'), of('b', 'a', 'x'), of('c', 'b', 'x'), of('d', null, 'x'), of('e', 'b', null)])).toEqual([
    { namespace: 'x', workload: 'a' }, { namespace: 'x', workload: 'b' },
  ]);
});
