import { expect, test } from 'vitest';
import { child, span, trace } from './fixtures';
import { isError, summarize } from './traceSummary';

const tagged = (key: string, value: string | number | boolean) =>
  span({ spanID: '1', tags: [{ key, type: 'string', value }] });

test.each([
  ['error', true, true],
  ['error', 'true', true],
  ['error', 'false', false],
  ['http.status_code', '503', true],
  ['http.status_code', 404, false],
  ['grpc.status_code', '14', true],
  ['grpc.status_code', '0', false],
  ['response_flags', 'UF', true],
  ['response_flags', '-', false],
  ['otel.status_code', 'ERROR', true],
])('%s=%s', (key, value, error) => {
  expect(isError(tagged(key, value))).toBe(error);
});

test('a trace in short', () => {
  const found = summarize(
    trace(
      [
        span({ spanID: '1', startTime: 100, duration: 50, operationName: 'root' }),
        span({ spanID: '2', startTime: 110, duration: 60, processID: 'p2', references: child('1'), tags: [{ key: 'error', type: 'bool', value: true }] }),
        span({ spanID: '3', startTime: 90, duration: 0, processID: 'redacted', references: child('1'), redacted: true }),
      ],
      { p1: 'a', p2: 'b', redacted: 'redacted' },
    ),
  );
  expect(found).toMatchObject({ name: 'root', service: 'a', startTime: 90, duration: 80, spanAverage: 55, spans: 3, errors: 1, hidden: 1, services: 2 });
});

test('without its first span a trace has no name', () => {
  expect(summarize(trace([span({ spanID: '2', references: child('1') })])).name).toBeNull();
  expect(summarize(trace([]))).toMatchObject({ duration: 0, startTime: 0 });
});
