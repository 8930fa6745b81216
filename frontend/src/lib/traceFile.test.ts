import { expect, test } from 'vitest';
import { child, span, trace } from './fixtures';
import { readTraces } from './traceFile';

const whole = trace([span({ spanID: '1', duration: 40 }), span({ spanID: '2', startTime: 5, duration: 30, references: child('1') })]);
const traces = (text: string) => {
  const read = readTraces(text);
  return 'traces' in read ? read.traces : read.wrong;
};

test('a download of the console comes back as it was', () => {
  expect(traces(JSON.stringify({ data: whole, meta: {} }))).toEqual([whole]);
});

test('what Jaeger’s pages save, several traces, and a bare one', () => {
  const other = { ...whole, traceID: '3b', spans: whole.spans.map((one) => ({ ...one, traceID: '3b' })) };
  expect(traces(JSON.stringify({ data: [whole, other], total: 0 }))).toMatchObject([{ traceID: '2a' }, { traceID: '3b' }]);
  expect(traces(JSON.stringify(whole))).toHaveLength(1);
});

test('what is no span is left out, and what a span leaves out is empty', () => {
  const loose = { traceID: '2A', spans: [{ spanID: 'AB', startTime: 7.9 }, { startTime: 1 }, 'nonsense', { spanID: 'cd', startTime: 'x' }] };
  expect(traces(JSON.stringify(loose))).toEqual([
    { traceID: '2a', spans: [{ traceID: '2a', spanID: 'ab', references: [], startTime: 7, duration: 0, operationName: '', tags: [], logs: [], processID: '', warnings: null }], processes: {}, warnings: null, matched: 0 },
  ]);
});

test('why nothing can be read', () => {
  expect(['{', '[]', '{"data":[]}', '"text"', '{"spans":[]}', 'null'].map(traces)).toEqual(['json', 'none', 'none', 'none', 'none', 'none']);
  const many = { traceID: '2a', spans: Array.from({ length: 50_001 }, (_, at) => ({ spanID: at.toString(16), startTime: at })) };
  expect(traces(JSON.stringify(many))).toBe('large');
});
