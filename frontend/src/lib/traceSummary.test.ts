import { expect, test } from 'vitest';
import { child, span, trace } from './fixtures';
import { isError, summarize } from './traceSummary';

const tagged = (tags: Record<string, string | number | boolean>) =>
  span({ spanID: '1', tags: Object.entries(tags).map(([key, value]) => ({ key, type: 'string' as const, value })) });

test.each<[Record<string, string | number | boolean>, boolean]>([
  [{ error: true }, true],
  [{ error: 'true' }, true],
  [{ error: 'false' }, false],
  [{ error: 'false', 'http.status_code': '503' }, false],
  [{ error: 'connection refused' }, true],
  [{ 'http.status_code': '503' }, true],
  [{ 'http.status_code': 404 }, false],
  [{ 'http.status_code': 404, 'span.kind': 'client' }, true],
  [{ 'http.status_code': '0', component: 'proxy' }, true],
  [{ 'http.status_code': '0' }, false],
  [{ 'grpc.status_code': '14' }, true],
  [{ 'grpc.status_code': '5' }, false],
  [{ response_flags: 'UF' }, true],
  [{ response_flags: 'DI', 'http.status_code': '200' }, false],
  [{ response_flags: '-' }, false],
  [{ 'otel.status_code': 'ERROR' }, true],
])('%j: an error is %s', (tags, error) => {
  expect(isError(tagged(tags))).toBe(error);
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
