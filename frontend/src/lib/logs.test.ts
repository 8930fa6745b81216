import { expect, test } from 'vitest';
import type { LogEntry, SpanEntry } from '@/api/schema.gen';
import { asText, compiled, joined, markOf, pieces, relation, shownEntries } from './logs';

const line = (time: number, message: string, more: Partial<LogEntry> = {}): LogEntry => ({
  kind: 'app', time, pod: 'details-v1-a', container: 'details', severity: 'INFO', message, ...more,
});
const span = (time: number, traceID = 'abc'): SpanEntry => ({ kind: 'span', time, traceID, spanID: `s${time}`, service: 'details', operation: 'GET', duration: 5, error: false });
const nothing = { hidden: new Set<string>(), pod: '', without: { text: '', regex: false }, until: 0 };

test('a text is looked for as it stands, an expression as one, and a wrong one is told', () => {
  expect(pieces('a.b a+b', compiled({ text: 'a.b', regex: false }))).toEqual(['', 'a.b', ' a+b']);
  expect(pieces('GET /x get', compiled({ text: '(?i)get', regex: true }))).toEqual(['', 'GET', ' /x ', 'get', '']);
  expect(compiled({ text: '(', regex: true })).toBeUndefined();
  expect(pieces('abc', compiled({ text: '', regex: false }))).toEqual(['abc']);
});

test('lines are hidden by container, pod, text and time; spans only by time', () => {
  const all = [line(1, 'GET'), line(2, 'POST', { container: 'istio-proxy' }), span(3), line(9, 'late')];
  const kept = (some: Partial<typeof nothing>) => shownEntries(all, { ...nothing, ...some }).map((one) => one.time);
  expect(kept({})).toEqual([1, 2, 3, 9]);
  expect(kept({ hidden: new Set(['istio-proxy']) })).toEqual([1, 3, 9]);
  expect(kept({ pod: 'other' })).toEqual([3]);
  expect(kept({ without: { text: '^G', regex: true } })).toEqual([2, 3, 9]);
  expect(kept({ until: 3 })).toEqual([1, 2, 3]);
});

test('a request is a trace, and the lines that only carry its id', () => {
  const access = (requestId: string, traceId?: string) => ({ flags: [], requestId, ...(traceId ? { traceId } : {}) });
  const all = [line(1, 'a', { access: access('r1', 'abc') }), line(2, 'b', { access: access('r1') }), line(3, 'c', { access: access('r2') }), span(4)];
  expect(all.map(markOf)).toEqual(['abc', 'r1', 'r2', 'abc']);
  expect(all.filter(relation(all, 'abc')).map((one) => one.time)).toEqual([1, 2, 4]);
  expect(all.filter(relation(all, '')).length).toBe(0);
});

test('lines that come late are put in order, and the oldest go', () => {
  expect(joined([line(1, 'a'), line(5, 'b')], [line(3, 'c')], 10).map((one) => one.time)).toEqual([1, 3, 5]);
  expect(joined([line(1, 'a'), line(2, 'b')], [line(3, 'c')], 2).map((one) => one.time)).toEqual([2, 3]);
});

test('a span that comes again is the one that is there', () => {
  const all = joined([line(1, 'a'), span(2), line(5, 'b')], [span(2), span(3), line(5, 'b')], 10);
  expect(all.map((one) => one.time)).toEqual([1, 2, 3, 5, 5]);
});

test('as a file', () => {
  expect(asText([line(1e15, 'hello'), span(1e15 + 1000)], (one) => one.operation)).toBe(
    '2001-09-09T01:46:40.000Z details-v1-a details hello\n2001-09-09T01:46:40.001Z GET\n',
  );
});
