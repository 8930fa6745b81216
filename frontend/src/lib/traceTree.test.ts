import { expect, test } from 'vitest';
import type { Span } from '@/api/schema.gen';
import { child, span, trace } from './fixtures';
import { rowsOf, toldApart } from './traceTree';

const rows = (...spans: Span[]) => rowsOf(toldApart(trace(spans)), (flag) => `meaning of ${flag}`);
const tag = (key: string, value: string) => ({ key, type: 'string' as const, value });

test('a tree: parents before children, siblings by start, with depth and what is below', () => {
  const found = rows(
    span({ spanID: '3', startTime: 60, duration: 20, references: child('1') }),
    span({ spanID: '2', startTime: 10, duration: 40, references: child('1') }),
    span({ spanID: '4', startTime: 20, duration: 10, references: child('2') }),
    span({ spanID: '1', startTime: 0, duration: 100 }),
  );
  expect(found.map((one) => [one.spanID, one.parentSpanID, one.depth, one.children, one.descendants])).toEqual([
    ['1', null, 0, 2, 3], ['2', '1', 1, 1, 1], ['4', '2', 2, 0, 0], ['3', '1', 1, 0, 0],
  ]);
  expect(found.map((one) => one.selfTime)).toEqual([40, 30, 10, 20]);
  // The critical path is as long as the root.
  expect(found.reduce((sum, one) => sum + one.criticalTime, 0)).toBe(100);
  expect(found[0]?.service).toBe('details.bookinfo');
});

test('children that overlap are counted once, and clipped to their parent', () => {
  const found = rows(
    span({ spanID: '1', startTime: 0, duration: 100 }),
    span({ spanID: '2', startTime: 10, duration: 50, references: child('1') }),
    span({ spanID: '3', startTime: 40, duration: 40, references: child('1') }),
    span({ spanID: '4', startTime: 90, duration: 70, references: child('1') }),
  );
  expect(found[0]?.selfTime).toBe(100 - 70 - 10);
});

test('orphans, a shared id and a circle: every span has a row', () => {
  expect(rows(span({ spanID: '2', references: child('lost') })).map((one) => [one.parentSpanID, one.orphan])).toEqual([[null, true]]);
  const shared = rows(span({ spanID: '1', startTime: 0, duration: 9 }), span({ spanID: '1', startTime: 1, duration: 7, references: child('1') }));
  expect(shared.map((one) => [one.spanID, one.parentSpanID])).toEqual([['1', null], ['1_1', '1']]);
  const round = rows(span({ spanID: '1', references: child('2') }), span({ spanID: '2', references: child('1') }), span({ spanID: '3', startTime: 5 }));
  expect(round.map((one) => one.spanID).sort()).toEqual(['1', '2', '3']);
  expect(round.filter((one) => one.orphan)).toHaveLength(1);
});

test('what tags say: request, status, flags, errors', () => {
  const [found] = rows(span({
    spanID: '1', tags: [tag('span.kind', 'client'), tag('http.method', 'GET'), tag('http.url', 'http://ratings:9080/ratings/0'), tag('http.status_code', '503'), tag('response_flags', 'UF'), tag('component', 'proxy')],
  }));
  expect(found).toMatchObject({
    kind: 'client', direction: 'outbound', source: 'envoy', type: 'http', request: { method: 'GET', url: 'http://ratings:9080/ratings/0' },
    status: { http: 503, httpRaw: null, noResponse: false }, flags: [{ code: 'UF', meaning: 'meaning of UF' }], error: { class: 'server' },
  });
  expect(rows(span({ spanID: '1', tags: [tag('http.status_code', '0'), tag('response_flags', '-')] }))[0]).toMatchObject({ status: { http: null, httpRaw: null, noResponse: true }, flags: [], error: null });
  expect(rows(span({ spanID: '1', tags: [tag('grpc.status_code', '14')] }))[0]).toMatchObject({ type: 'grpc', status: { grpc: 14 }, error: { class: 'application' } });
});
